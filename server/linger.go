package server

import (
	"crypto/tls"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// The bounds of what is read of a refused request after its answer.
const (
	lingerBytes = 64 << 20
	lingerTime  = 2 * time.Second
)

// Linger makes the connections of a listener read on for a moment after a body
// was refused. A connection that is closed while the client still sends is
// reset, and the reset takes the answer with it: the client would never read
// that its body is too large. It goes below TLS.
func Linger(l net.Listener) net.Listener { return lingerListener{l} }

type lingerListener struct{ net.Listener }

func (l lingerListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &lingerConn{Conn: c}, nil
}

type lingerConn struct {
	net.Conn

	refused atomic.Bool
}

// Close reads on where a body was refused, and closes the connection.
func (c *lingerConn) Close() error {
	if c.refused.CompareAndSwap(true, false) {
		if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite() // the client learns that the answer is whole
		}
		_ = c.SetReadDeadline(time.Now().Add(lingerTime)) // at worst it is reset after all
		_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes)
	}
	return c.Conn.Close()
}

// refuseBody marks a connection whose client is still sending a body that
// nobody will read.
func refuseBody(c net.Conn) {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	if c, ok := c.(*lingerConn); ok {
		c.refused.Store(true)
	}
}
