package examples_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// bin is where the binaries are built, for the time of the tests.
var bin string

func TestMain(m *testing.M) {
	var err error
	if bin, err = os.MkdirTemp("", "hooktree-examples-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(bin)
	os.Exit(code)
}

// build builds the binaries once for all tests.
var build = sync.OnceValue(func() error {
	for name, of := range map[string]string{"hooktree": "hooktree", "receiver": "hooktree/examples/receiver"} {
		if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, name), of).CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", name, err, out)
		}
	}
	return nil
})

// binary gives the path of hooktree or receiver.
func binary(t *testing.T, name string) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(bin, name)
}

// program is a process that a test started.
type program struct {
	t     *testing.T
	cmd   *exec.Cmd
	out   string // file that holds what it printed; a file is written at once, a pipe is not
	ended chan struct{}
}

// startProgram starts a program in a directory and ends it with the test.
func startProgram(t *testing.T, dir string, env []string, name string, args ...string) *program {
	t.Helper()
	p := &program{t: t, out: filepath.Join(t.TempDir(), "out"), ended: make(chan struct{})}
	out, err := os.Create(p.out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }() // the program has its own
	p.cmd = exec.Command(binary(t, name), args...)
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = dir, append(os.Environ(), env...), out, out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
	})
	return p
}

// stop ends the program as Ctrl-C does.
func (p *program) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.t.Fatalf("it did not stop:\n%s", p.printed())
	}
}

// printed gives what the program has printed so far.
func (p *program) printed() string {
	p.t.Helper()
	text, err := os.ReadFile(p.out)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// until asks again and again whether something holds.
func (p *program) until(what string, holds func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-p.ended:
			p.t.Fatalf("it ended before %s:\n%s", what, p.printed())
		case <-ctx.Done():
			p.t.Fatalf("no sign within a minute that %s:\n%s", what, p.printed())
		}
	}
}

// The receiver's address in the examples, and the server's.
const (
	receiverAddress = "127.0.0.1:8471"
	serverAddress   = "127.0.0.1:8470"
)

// exampleSecret is the value of every secret of the examples: it suits every
// kind of signature.
const exampleSecret = "whsec_ZXhhbXBsZSBzZWNyZXQgb2YgMjQgYnl0ZXM="

// stage is a server over a copy of a space, and a receiver for what it sends.
type stage struct {
	t        *testing.T
	server   *program
	receiver *program
	address  string            // of the server
	data     string            // of the server, a directory
	tokens   map[string]string // of clients, by dialect
	reached  string            // address of the receiver
	password string
}

// newStage starts both on ports of their own. In the copy of the space the
// receiver's address is the true one.
func newStage(t *testing.T, space string) *stage {
	t.Helper()
	s := &stage{
		t: t, address: freeAddress(t), reached: freeAddress(t), data: t.TempDir(), tokens: map[string]string{},
		password: "a password for the examples",
	}
	s.receiver = startProgram(t, t.TempDir(), nil, "receiver", "-listen", s.reached, "-secret", exampleSecret, "-busy", "1")
	env := []string{"HOOKTREE_ADMIN_PASSWORD=" + s.password}
	for _, secret := range []string{"DIRECTORY_TOKEN", "LEDGER_SIGNING", "RECEIVER", "REPO_HOOK", "DOOR_HOOK", "CRM_PATH"} {
		env = append(env, "HOOKTREE_SECRET_"+secret+"="+exampleSecret)
	}
	copied := copySpace(t, space, receiverAddress, s.reached)
	s.server = startProgram(t, t.TempDir(), env, "hooktree", "serve", "--space", copied, "--data", s.data, "--listen", s.address)
	s.receiver.until("the receiver listens", func() bool { return strings.Contains(s.receiver.printed(), "listens") })
	s.server.until("the server is ready", func() bool { return ready(t.Context(), s.address) })
	return s
}

// token gives the token of a dialect's client.
func (s *stage) token(dialect string) string {
	s.t.Helper()
	if s.tokens[dialect] == "" {
		command := exec.Command(binary(s.t, "hooktree"), "token", "create", "--dialect", dialect, "--owner", "manager",
			"--owner-id", "7", "--owner-email", "manager@example.com", "--data", s.data)
		out, err := command.Output()
		if err != nil {
			s.t.Fatal(err)
		}
		s.tokens[dialect] = strings.TrimSpace(string(out))
	}
	return s.tokens[dialect]
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

func ready(ctx context.Context, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// copySpace copies the YAML files of a space, with one text for another.
func copySpace(t *testing.T, space, from, to string) string {
	t.Helper()
	copied := t.TempDir()
	err := filepath.WalkDir(space, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		target := filepath.Join(copied, strings.TrimPrefix(name, space))
		if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
			return err
		}
		return os.WriteFile(target, []byte(strings.ReplaceAll(string(text), from, to)), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return copied
}

// call makes a call of the API and reads its answer.
func (s *stage) call(method, path, body string, into any) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.address+"/api/v1/"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.SetBasicAuth("admin", s.password)
	request.Header.Set("Content-Type", "application/json")
	if strings.Contains(body, `"specversion"`) {
		request.Header.Set("Content-Type", "application/cloudevents+json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= http.StatusMultipleChoices {
		s.t.Fatalf("%s %s: %d %s %v", method, path, response.StatusCode, answer, err)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, answer)
	}
}
