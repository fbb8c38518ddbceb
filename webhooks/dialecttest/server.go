package dialecttest

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hooktree/examples/binarytest"
	"hooktree/webhooks/subscription"
)

// server is the real binary over a space of its own, for one test.
type server struct {
	t       *testing.T
	process *binarytest.Program
	binary  string
	data    string
	address string
	admin   string // a token of the native API
}

// newServer builds the binary and serves a space with these files.
func newServer(t *testing.T, files map[string]string) *server {
	t.Helper()

	s := &server{t: t, binary: binarytest.Build(t, "hooktree"), data: t.TempDir(), address: binarytest.Address(t)}
	space := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(space, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.process = binarytest.Start(t, binarytest.Command{
		Path: s.binary,
		Args: []string{"serve", "--space", space, "--data", s.data, "--listen", s.address},
		Env:  []string{"HOOKTREE_ADMIN_PASSWORD=a password for the suite"},
	})
	s.process.UntilReady(s.address)
	s.admin = s.hooktree("token", "create", "suite", "--role", "admin")
	return s
}

// hooktree runs a command over the server's data, and gives what it printed.
func (s *server) hooktree(args ...string) string {
	s.t.Helper()

	command := exec.CommandContext(s.t.Context(), s.binary, append(args, "--data", s.data)...)
	var faults bytes.Buffer
	command.Stderr = &faults
	out, err := command.Output()
	if err != nil {
		s.t.Fatalf("hooktree %s: %v\n%s", strings.Join(args, " "), err, faults.String())
	}
	return strings.TrimSpace(string(out))
}

// do sends a request, and gives the answer.
func (s *server) do(method, target string, header http.Header, body []byte) subscription.Response {
	s.t.Helper()

	request, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.address+target, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, target, err, s.process.Printed())
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return subscription.Response{Status: response.StatusCode, Header: response.Header, Body: text}
}

// native calls the native API, and gives the body of its answer.
func (s *server) native(method, path, body string) []byte {
	s.t.Helper()

	header := http.Header{"Authorization": {"Bearer " + s.admin}, "Content-Type": {"application/json"}}
	answer := s.do(method, "/api/v1/"+path, header, []byte(body))
	if answer.Status >= http.StatusMultipleChoices {
		s.t.Fatalf("%s %s: %d %s", method, path, answer.Status, answer.Body)
	}
	return answer.Body
}

// space is a space that may reach this machine, with the dialect's settings.
func (d *Dialect) space() map[string]string {
	var text strings.Builder
	fmt.Fprintf(&text, "slug: acme\negress: {allow: [127.0.0.1/32]}\ndialects:\n  %s:\n", d.Dialect.Name)
	settings := d.settings()
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&text, "    %s: %q\n", name, settings[name])
	}
	if len(settings) == 0 {
		text.WriteString("    {}\n")
	}
	return map[string]string{"space.yaml": text.String()}
}
