package jobs

import (
	"errors"
	"fmt"
)

// What the shell answers to an operator or a client besides what a store does.
var (
	// ErrFinal says that what was asked for comes too late: the run, job or
	// error has ended.
	ErrFinal = errors.New("it has ended")
	// ErrInvalid says that what was asked for makes no sense as it stands.
	ErrInvalid = errors.New("the request cannot be carried out")
)

// refuse makes an error of a kind whose text is a sentence of its own.
func refuse(kind error, format string, args ...any) error {
	return &refusal{kind: kind, text: fmt.Sprintf(format, args...)}
}

type refusal struct {
	kind error
	text string
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.kind }
