package main

import (
	"bytes"
	"strings"
	"testing"
)

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
		{"no command is a mistake", nil, exitUsage, "", `hooktree: expected "version"`},
		{"an unknown command is a mistake", []string{"nope"}, exitUsage, "", "unexpected argument nope"},
		{"a mistake says where help is", []string{"--nope"}, exitUsage, "", `Run "hooktree --help"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			var out, errs bytes.Buffer
			code := run(t.Context(), tt.args, streams{out: &out, err: &errs})
			if code != tt.wantCode || !strings.Contains(out.String(), tt.wantOut) || !strings.Contains(errs.String(), tt.wantErr) {
				t.Errorf("run(%q) = %d, out %q, err %q; want %d, %q, %q",
					tt.args, code, out.String(), errs.String(), tt.wantCode, tt.wantOut, tt.wantErr)
			}
		})
	}
}
