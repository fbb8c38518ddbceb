package binarytest_test

import (
	"errors"
	"net"
	"runtime"
	"syscall"
	"testing"

	"hooktree/examples/binarytest"
)

// A server that is killed and started again finds its port as it was. The test
// is alone: until it is another program, a process that some test forks has a
// copy of this one's listener, and keeps the port busy by it.
func TestAddress_isListenedOnAgainAndAgain(t *testing.T) { //nolint:paralleltest // as it says
	address := binarytest.Address(t)
	for range 3 {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			if c, err := l.Accept(); err == nil {
				_ = c.Close()
			}
		}()
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Read(make([]byte, 1)) // the other side closes first, as a killed server does
		_ = errors.Join(c.Close(), l.Close())
	}
}

// Between two starts the port is nobody else's.
func TestAddress_isHeldWhileNobodyListens(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux holds a port for a later listener")
	}

	address, err := net.ResolveTCPAddr("tcp", binarytest.Address(t))
	if err != nil {
		t.Fatal(err)
	}
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(socket) }()
	taken := &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: address.Port}
	if err := syscall.Bind(socket, taken); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a socket that does not share was bound to %s: %v; want it in use", address, err)
	}
}
