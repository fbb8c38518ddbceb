package dialecttest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hooktree/webhooks/subscription"
)

// server is the real binary over a space of its own, for one test.
type server struct {
	t       *testing.T
	binary  string
	data    string
	address string
	admin   string // a token of the native API
	printed *os.File
	ended   chan struct{}
}

// patience is how long the suite waits for something that is sure to happen.
const patience = time.Minute

// newServer builds the binary and serves a space with these files.
func newServer(t *testing.T, files map[string]string) *server {
	t.Helper()

	s := &server{t: t, binary: filepath.Join(t.TempDir(), "hooktree"), data: t.TempDir(), address: freeAddress(t), ended: make(chan struct{})}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", s.binary, "hooktree").CombinedOutput(); err != nil {
		t.Fatalf("build hooktree: %v\n%s", err, out)
	}
	space := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(space, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.start(space)
	s.admin = s.hooktree("token", "create", "suite", "--role", "admin")
	return s
}

func freeAddress(t *testing.T) string {
	t.Helper()

	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

// start serves until the test ends.
func (s *server) start(space string) {
	s.t.Helper()

	var err error
	if s.printed, err = os.Create(filepath.Join(s.t.TempDir(), "printed")); err != nil {
		s.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	process := exec.CommandContext(ctx, s.binary, "serve", "--space", space, "--data", s.data, "--listen", s.address)
	process.Env = append(os.Environ(), "HOOKTREE_ADMIN_PASSWORD=a password for the suite")
	process.Stdout, process.Stderr = s.printed, s.printed
	if err := process.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		_ = process.Wait()
		close(s.ended)
	}()
	s.t.Cleanup(func() {
		stop()
		<-s.ended
		_ = s.printed.Close()
	})
	s.until("the server is ready", func() bool {
		request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.address+"/readyz", http.NoBody)
		if err != nil {
			s.t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// log is what the server printed.
func (s *server) log() string {
	text, err := os.ReadFile(s.printed.Name())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// until asks again and again whether something holds.
func (s *server) until(what string, holds func() bool) {
	s.t.Helper()

	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-s.ended:
			s.t.Fatalf("the server ended before %s:\n%s", what, s.log())
		case <-ctx.Done():
			s.t.Fatalf("no sign within %v that %s:\n%s", patience, what, s.log())
		}
	}
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
		s.t.Fatalf("%s %s: %v\n%s", method, target, err, s.log())
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
