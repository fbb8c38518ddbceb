package egress_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"

	"hooktree/webhooks/egress"
)

func TestErrorsAreClassed(t *testing.T) {
	t.Parallel()
	opError := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	tests := []struct {
		name  string
		err   error
		want  egress.Code
		retry bool
	}{
		{"refused by the guard", opError(&egress.Refused{Host: "10.0.0.1"}), egress.CodeRefused, false},
		{"no such name", opError(&net.DNSError{IsNotFound: true}), egress.CodeDNS, true},
		{"the resolver took too long", opError(&net.DNSError{IsTimeout: true}), egress.CodeDNS, true},
		{"connection refused", opError(os.NewSyscallError("connect", syscall.ECONNREFUSED)), egress.CodeConnect, true},
		{"no route", opError(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), egress.CodeConnect, true},
		{"connection reset", opError(os.NewSyscallError("read", syscall.ECONNRESET)), egress.CodeConnect, true},
		{"connection closed before the answer", io.EOF, egress.CodeConnect, true},
		{"body cut short", io.ErrUnexpectedEOF, egress.CodeConnect, true},
		{"deadline", fmt.Errorf("get: %w", context.DeadlineExceeded), egress.CodeTimeout, true},
		{"socket deadline", opError(os.ErrDeadlineExceeded), egress.CodeTimeout, true},
		{"canceled", fmt.Errorf("get: %w", context.Canceled), egress.CodeCanceled, true},
		{"unknown authority", &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, egress.CodeTLS, false},
		{"an alert", opError(tls.AlertError(40)), egress.CodeTLS, false},
		{"plain HTTP behind https", http.ErrSchemeMismatch, egress.CodeTLS, false},
		{"anything else", errors.New("odd"), egress.CodeConnect, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fault := egress.Classify(tt.err)
			if fault.Kind != tt.want || fault.Retryable() != tt.retry || !errors.Is(fault, tt.err) {
				t.Errorf("got %s, retryable %t, %v; want %s, %t and the cause", fault.Code(), fault.Retryable(), fault, tt.want, tt.retry)
			}
		})
	}
}

func TestNoErrorIsNoFault(t *testing.T) {
	t.Parallel()
	if fault := egress.Classify(nil); fault != nil {
		t.Errorf("got %v, want nil", fault)
	}
}

func TestAFaultKeepsItsClassWhenClassedAgain(t *testing.T) {
	t.Parallel()
	fault := egress.Classify(&net.DNSError{})
	if again := egress.Classify(fmt.Errorf("deliver: %w", fault)); again != fault {
		t.Errorf("got %v, want the same fault", again)
	}
}

func TestRealFailuresAreClassed(t *testing.T) {
	t.Parallel()
	gate := egress.New(egress.Config{Allow: loopbackOnly(t), Resolver: newZone().resolver()})
	if err := get(t, gate.Client(), "http://nobody.example.test/"); codeOf(err) != egress.CodeDNS {
		t.Errorf("an unknown name: got %v, want a DNS fault", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	_ = listener.Close()
	if err := get(t, gate.Client(), closed); codeOf(err) != egress.CodeConnect {
		t.Errorf("a closed port: got %v, want a connect fault", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, closed, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gate.Client().Do(req); codeOf(err) != egress.CodeCanceled {
		t.Errorf("canceled: got %v, want a canceled fault", err)
	}
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	if err := get(t, gate.Client(), "https://"+server.Listener.Addr().String()); codeOf(err) != egress.CodeTLS {
		t.Errorf("https to a plain server: got %v, want a TLS fault", err)
	}
}
