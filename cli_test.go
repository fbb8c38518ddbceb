package main

import (
	"bytes"
	"strings"
	"testing"
)

// runCommand runs a command on h and returns its exit code and what it wrote.
func runCommand(t *testing.T, h host, args ...string) (code int, out, errs string) {
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
		{"no command is a mistake", nil, exitUsage, "", `hooktree: expected one of "fire",`},
		{"an unknown command is a mistake", []string{"nope"}, exitUsage, "", "unexpected argument nope"},
		{"a mistake says where help is", []string{"--nope"}, exitUsage, "", `Run "hooktree --help"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			code, out, errs := runCommand(t, host{}, tt.args...)
			if code != tt.wantCode || !strings.Contains(out, tt.wantOut) || !strings.Contains(errs, tt.wantErr) {
				t.Errorf("run(%q) = %d, out %q, err %q; want %d, %q, %q",
					tt.args, code, out, errs, tt.wantCode, tt.wantOut, tt.wantErr)
			}
		})
	}
}
