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
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(s.asSent(text))))
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

// asSent puts the receiver's true address and a client's token into a request.
// One that has a token does not say its length: that depends on both.
func (s *stage) asSent(text string) string {
	s.t.Helper()
	for _, dialect := range []string{"accelo", "actionstep", "keap", "standard"} {
		name := "$" + strings.ToUpper(dialect) + "_TOKEN"
		if !strings.Contains(text, name) {
			continue
		}
		text = strings.ReplaceAll(strings.TrimSuffix(text, "\n"), receiverAddress, s.reached)
		head, body, _ := strings.Cut(strings.ReplaceAll(text, name, s.token(dialect)), "\n\n")
		text = fmt.Sprintf("%s\nContent-Length: %d\n\n%s", head, len(body), body)
	}
	return text
}

// The READMEs of examples show how a request is sent: with the same bytes and,
// where it is signed, with the same signature.
func TestREADMEs_showRequestsAsTheyAre(t *testing.T) {
	t.Parallel()

	for example, request := range map[string]string{"inbound": "1-issue-opened.http", "actionstep": "1-subscribe.http", "keap": "1-subscribe.http", "accelo": "2-subscribe.http", "standard": "2-subscribe.http"} {
		text, err := os.ReadFile(filepath.Join(example, "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		sent, err := os.ReadFile(filepath.Join(example, "events-sent", request))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(strings.ReplaceAll(string(sent), "\r\n", "\n"), "\n") {
			shown := !strings.HasPrefix(line, "POST ") && !strings.HasPrefix(line, "Host:") && !strings.HasPrefix(line, "Content-Length:")
			if shown && !strings.Contains(string(text), line) {
				t.Errorf("the README of %s lacks\n%s", example, line)
			}
		}
	}
}
