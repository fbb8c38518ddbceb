package examples_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hooktree/server"
)

// delivery sends a request as another platform sends it, byte for byte, and
// tells the answer and what became of the events that it brought.
func (s *stage) delivery(text string) string {
	s.t.Helper()
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		s.t.Fatal(err)
	}
	// It is a client's request now: to this server, and the path as it stands.
	request.URL.Scheme, request.URL.Host, request.RequestURI = "http", s.address, ""
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "answered %d %s\n", response.StatusCode, answer)
	if echo := response.Header.Get("X-Hook-Secret"); echo != "" {
		fmt.Fprintf(&b, "  X-Hook-Secret: %s\n", echo)
	}
	var told struct {
		Events []struct{ ID string }
	}
	_ = json.Unmarshal(answer, &told) // an answer without events is none of those
	for _, e := range told.Events {
		var known server.Event
		s.call(http.MethodGet, "events/"+e.ID, "", &known)
		b.WriteString("\n")
		s.event(&b, server.Receipt{Path: known.Path, Verdicts: known.Verdicts, Jobs: known.Jobs})
	}
	return s.mask(b.String())
}

// The README of the example shows how its first delivery is sent: with the same
// bytes and the same signature.
func TestTheInboundREADME_showsADeliveryAsItIs(t *testing.T) {
	t.Parallel()

	text, err := os.ReadFile(filepath.Join("inbound", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	sent, err := os.ReadFile(filepath.Join("inbound", "events-sent", "1-issue-opened.http"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(sent), "\r\n") {
		shown := !strings.HasPrefix(line, "POST ") && !strings.HasPrefix(line, "Host:") && !strings.HasPrefix(line, "Content-Length:")
		if shown && !strings.Contains(string(text), line) {
			t.Errorf("the README lacks\n%s", line)
		}
	}
}
