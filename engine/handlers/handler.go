package handlers

import (
	"context"
	"errors"
	"time"

	"hooktree/engine"
)

// Handler is a spec and what it does. Act is nil when the spec's Pure does it.
type Handler struct {
	Spec *engine.Spec
	Act  Act
}

// Act carries out one attempt of a call. Its error is an [*Error], unless the
// handler itself is at fault.
type Act func(ctx context.Context, call Call) (results map[string]any, err error)

// Call is one attempt of a node's call.
type Call struct {
	Key         string            // idempotency key: the same over every attempt
	Run         string            // UUID of the run
	Number      int64             // of the run, for people
	Node        engine.NodeID     // for people
	Params      map[string]any    // opened: secrets stand in clear
	Secrets     map[string]string // name to value of the secrets in Params
	Timeout     time.Duration     // the node's; zero means the handler's own
	Traceparent string            // W3C trace context; empty for none
}

// Error is a failed attempt.
type Error struct {
	Failure engine.Failure
	Cause   error // may hold secrets: it is for errors.Is, not for printing
}

func (e *Error) Error() string { return e.Failure.Code + ": " + e.Failure.Message }

// Unwrap lets errors.Is and errors.As see the cause.
func (e *Error) Unwrap() error { return e.Cause }

// codeInternal is the failure of a handler that broke its own rules.
const codeInternal = "internal"

// FailureOf gives the failure in an error of an [Act].
func FailureOf(err error) engine.Failure {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Failure
	}
	if failure, ok := errors.AsType[engine.Failure](err); ok {
		return failure
	}
	return engine.Failure{Code: codeInternal, Message: err.Error()}
}

// codeInvalid is the class of parameters that no call can be made of.
const codeInvalid = "invalid"

var classInvalid = engine.Class{Code: codeInvalid, Help: "the parameters make no request; the message names the one at fault"}

func invalid(err error) *Error {
	return &Error{Failure: engine.Failure{Code: codeInvalid, Message: err.Error()}, Cause: err}
}
