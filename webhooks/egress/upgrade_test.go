package egress_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"hooktree/webhooks/egress"
)

// speak serves each connection by what it is given to write once a request's
// head has come, and then stays silent.
func speak(t *testing.T, answer string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			go func() {
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.WriteString(conn, answer)
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// A connection that was given over to another protocol is out of the reach of
// its request's deadline.
func TestAnAnswerThatSwitchesProtocolsEnds(t *testing.T) {
	t.Parallel()
	gate := egress.New(egress.Config{Allow: loopbackOnly(t), Timeout: 50 * time.Millisecond})
	resp, err := gate.Client().Get(speak(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusSwitchingProtocols || len(data) != 0 || err != nil {
		t.Errorf("got status %d, read %q, %v; want 101 and nothing behind it", resp.StatusCode, data, err)
	}
}
