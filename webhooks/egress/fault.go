package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
)

// Code says what kind of trouble a request met.
type Code string

// The codes. Whatever is no other counts as CodeConnect.
const (
	CodeRefused  Code = "refused"   // by the guard; nothing was sent
	CodeDNS      Code = "dns"       // the name could not be resolved
	CodeConnect  Code = "connect"   // no connection, or it broke
	CodeTimeout  Code = "timeout"   // the other side took too long
	CodeTLS      Code = "tls"       // no trust in the other side's certificate, or no common language
	CodeTooLarge Code = "too_large" // the answer is larger than the bound
	CodeCanceled Code = "canceled"  // given up on our side
)

// Fault is an error of a request, classed. Every error of a [Gate] and of the
// bodies that it hands out is one.
type Fault struct {
	Kind     Code
	CanRetry bool
	Cause    error
}

// Error tells the cause. A deadline is told as people see it.
func (f *Fault) Error() string {
	return strings.Replace(f.Cause.Error(), context.DeadlineExceeded.Error(), "it took too long", 1)
}

// Unwrap lets errors.Is and errors.As see the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// Code gives the class as text, for callers that must not know this package.
func (f *Fault) Code() string { return string(f.Kind) }

// Retryable says whether the same request may succeed later on its own.
func (f *Fault) Retryable() bool { return f.CanRetry }

// Classify gives the fault in err, or makes one. A nil error has none.
func Classify(err error) *Fault {
	if err == nil {
		return nil
	}
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault
	}
	code := codeOf(err)
	return &Fault{Kind: code, CanRetry: retryable(code), Cause: err}
}

func retryable(code Code) bool {
	switch code {
	case CodeDNS, CodeConnect, CodeTimeout, CodeCanceled:
		return true
	case CodeRefused, CodeTLS, CodeTooLarge:
		return false
	}
	return false
}

// codeOf asks in the order of what is surest: a time-out in the middle of a
// resolution, say, is the resolver's trouble.
func codeOf(err error) Code {
	switch {
	case is[*Refused](err):
		return CodeRefused
	case is[*tooLarge](err):
		return CodeTooLarge
	case errors.Is(err, context.Canceled):
		return CodeCanceled
	case is[*net.DNSError](err):
		return CodeDNS
	case isTimeout(err):
		return CodeTimeout
	case isTLS(err):
		return CodeTLS
	default:
		return CodeConnect
	}
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout()
}

func isTLS(err error) bool {
	return is[*tls.CertificateVerificationError](err) || is[tls.RecordHeaderError](err) ||
		is[tls.AlertError](err) || is[x509.UnknownAuthorityError](err) ||
		is[x509.HostnameError](err) || is[x509.CertificateInvalidError](err) ||
		errors.Is(err, http.ErrSchemeMismatch) ||
		strings.Contains(err.Error(), "tls: ") // alerts and version trouble have no exported type
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
