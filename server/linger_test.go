package server_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"testing"

	"hooktree/server"
)

// Over real sockets, because a connection in memory is never reset: a client
// that sends all of its body before it reads must find the answer.
func TestLinger_anAnswerToABodyThatIsTooLargeArrives(t *testing.T) {
	t.Parallel()

	h := open(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = h.server.Serve(server.Linger(l)) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	body := bytes.Repeat([]byte("a"), 10<<20)
	head := fmt.Sprintf("POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
	if _, err := c.Write(append([]byte(head), body...)); err != nil {
		t.Fatalf("send the body: %v", err)
	}
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("read the answer: %v", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("the status is %d; want 413", response.StatusCode)
	}
}
