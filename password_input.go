package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"hooktree/server/accounts"
)

// readPassword reads a new password: from a terminal without an echo and twice,
// else the first line of standard input. It is never an argument, because other
// users of a machine can read those.
func readPassword(h host) (string, error) {
	if file, ok := h.in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return askPassword(h, func() ([]byte, error) { return term.ReadPassword(int(file.Fd())) })
	}
	line, err := bufio.NewReader(io.LimitReader(h.in, accounts.MaxPassword+3)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	password := strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if password == "" {
		return "", usageError{errors.New("no password came in: type it at a terminal, or give it as the first line of standard input")}
	}
	return password, nil
}

// askPassword asks a person for a password, twice.
func askPassword(h host, read func() ([]byte, error)) (string, error) {
	var typed [2]string
	for i, prompt := range []string{"New password: ", "Again: "} {
		fmt.Fprint(h.err, prompt)
		text, err := read()
		fmt.Fprintln(h.err)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		typed[i] = string(text)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two passwords differ; nothing was changed")
	}
	return typed[0], nil
}
