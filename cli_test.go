package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// runCLI runs a command on h and returns its exit code and what it wrote.
func runCLI(t *testing.T, h host, args ...string) (code int, out, errs string) {
	t.Helper()

	var outBuffer, errBuffer bytes.Buffer
	h.out, h.err = &outBuffer, &errBuffer
	code = run(t.Context(), args, h)
	return code, outBuffer.String(), errBuffer.String()
}

func TestRun(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name     string
		args     []string
		wantCode int
		wantOut  string
		wantErr  string
	}{
		{"help lists the commands", []string{"--help"}, exitOK, "version", ""},
		{"version names itself", []string{"version"}, exitOK, "hooktree unknown go", ""},
		{"no command is a mistake", nil, exitUsage, "", `hooktree: expected one of "serve",`},
		{"an unknown command is a mistake", []string{"nope"}, exitUsage, "", "unexpected argument nope"},
		{"an unknown dialect is a mistake", []string{"client", "create", "x", "--dialect", "nope"}, exitUsage, "", `there is no "nope"; give one of accelo, actionstep, keap, standard` + "\n"},
		{"a dialect that was meant is named", []string{"token", "create", "x", "--dialect", "kep"}, exitUsage, "", `there is no "kep"; did you mean keap?`},
		{"no dialect is a mistake", []string{"client", "create", "x"}, exitUsage, "", "missing flags: --dialect"},
		{"an unknown role is a mistake", []string{"token", "create", "x", "--role", "boss"}, exitUsage, "", `"boss" is no role; give viewer, operator, author or admin` + "\n"},
		{"a mistake says where help is", []string{"--nope"}, exitUsage, "", `Run "hooktree --help"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			code, out, errs := runCLI(t, host{}, tt.args...)
			if code != tt.wantCode || !strings.Contains(out, tt.wantOut) || !strings.Contains(errs, tt.wantErr) {
				t.Errorf("run(%q) = %d, out %q, err %q; want %d, %q, %q",
					tt.args, code, out, errs, tt.wantCode, tt.wantOut, tt.wantErr)
			}
		})
	}
}

func TestSleep(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := sleep(t.Context(), time.Hour); err != nil || time.Since(start) != time.Hour {
			t.Errorf("sleep(1h) = %v after %s; want no error after 1h", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start = time.Now()
		if err := sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("sleep(1h) of a minute's context = %v after %s; want its end after 1m", err, time.Since(start))
		}
	})
}
