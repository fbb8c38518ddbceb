package main

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestAskPassword(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		name    string
		typed   []string // what the terminal gives, then its end
		want    string
		wantErr string
	}{
		{"typed alike twice", []string{"correct horse", "correct horse"}, "correct horse", ""},
		{"typed differently", []string{"correct horse", "correct house"}, "", "the two passwords differ"},
		{"the terminal closes", []string{"correct horse"}, "", "read the password: EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			var prompts strings.Builder
			got, err := askPassword(host{err: &prompts}, func() ([]byte, error) {
				if len(tt.typed) == 0 {
					return nil, io.EOF
				}
				next := tt.typed[0]
				tt.typed = tt.typed[1:]
				return []byte(next), nil
			})
			if got != tt.want || (err == nil) != (tt.wantErr == "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("askPassword = %q, %v; want %q, %q", got, err, tt.want, tt.wantErr)
			}
			if shown := prompts.String(); !strings.HasPrefix(shown, "New password: \nAgain: ") || strings.Contains(shown, "correct") {
				t.Errorf("the terminal shows %q; want the prompts alone", shown)
			}
		})
	}
}

func TestReadPassword_takesTheFirstLine(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct{ input, want string }{
		{"one\ntwo\n", "one"},
		{"one", "one"},
		{"one\r\n", "one"},
		{" spaced \n", " spaced "},
		{"", ""},
		{"\nsecond\n", ""},
	} {
		got, err := readPassword(host{in: strings.NewReader(tt.input)})
		if _, usage := errors.AsType[usageError](err); got != tt.want || usage != (tt.want == "") {
			t.Errorf("readPassword of %q = %q, %v; want %q", tt.input, got, err, tt.want)
		}
	}
}
