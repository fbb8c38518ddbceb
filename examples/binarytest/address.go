package binarytest

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
)

// Address keeps an address of this machine for the programs of a test, which
// may listen on it one after the other until the test ends.
//
// A port that is found free and let go can be anybody's a moment later: another
// test's, or that of an outgoing connection. This one stays bound to a socket
// that does not listen. Linux then gives it to nobody who takes any port, and
// still lets in who asks for it by number, as Go's listeners do. Elsewhere a
// second bind is refused, so the port is let go and may be lost.
func Address(t *testing.T) string {
	t.Helper()

	syscall.ForkLock.RLock() // until no program inherits the socket
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(socket)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatalf("open a socket: %v", err)
	}
	port, err := bind(socket)
	if err != nil {
		_ = syscall.Close(socket)
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" {
		t.Cleanup(func() { _ = syscall.Close(socket) })
	} else {
		_ = syscall.Close(socket)
	}
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// bind gives a socket a port that is free, and shares it with listeners.
func bind(socket int) (port int, err error) {
	if err := syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return 0, fmt.Errorf("share a port: %w", err)
	}
	if err := syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, fmt.Errorf("bind to a free port: %w", err)
	}
	bound, err := syscall.Getsockname(socket)
	if err != nil {
		return 0, fmt.Errorf("ask for the port: %w", err)
	}
	address, ok := bound.(*syscall.SockaddrInet4)
	if !ok {
		return 0, fmt.Errorf("bound to %T; want an IPv4 address", bound)
	}
	return address.Port, nil
}
