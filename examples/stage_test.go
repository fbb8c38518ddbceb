package examples_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hooktree/examples/binarytest"
)

func TestMain(m *testing.M) { binarytest.Main(m) }

// The programs of the examples, by what they are built of.
const (
	serverProgram   = "hooktree"
	receiverProgram = "hooktree/examples/receiver"
)

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
	server   *binarytest.Program
	receiver *binarytest.Program
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
		t: t, address: binarytest.Address(t), reached: binarytest.Address(t), data: t.TempDir(), tokens: map[string]string{},
		password: "a password for the examples",
	}
	s.receiver = startReceiver(t, s.reached, "-secret", exampleSecret, "-busy", "1")
	env := []string{"HOOKTREE_ADMIN_PASSWORD=" + s.password}
	for _, secret := range []string{"DIRECTORY_TOKEN", "LEDGER_SIGNING", "RECEIVER", "REPO_HOOK", "DOOR_HOOK", "CRM_PATH"} {
		env = append(env, "HOOKTREE_SECRET_"+secret+"="+exampleSecret)
	}
	copied := copySpace(t, space, receiverAddress, s.reached)
	s.server = binarytest.Start(t, binarytest.Command{
		Path: binarytest.Build(t, serverProgram), Dir: t.TempDir(), Env: env,
		Args: []string{"serve", "--space", copied, "--data", s.data, "--listen", s.address},
	})
	s.server.UntilReady(s.address)
	return s
}

// startReceiver starts the receiver on an address.
func startReceiver(t *testing.T, address string, args ...string) *binarytest.Program {
	t.Helper()
	p := binarytest.Start(t, binarytest.Command{
		Path: binarytest.Build(t, receiverProgram), Dir: t.TempDir(), Args: append(args, "-listen", address),
	})
	p.Until("the receiver listens", func() bool { return strings.Contains(p.Printed(), "listens") })
	return p
}

// token gives the token of a dialect's client.
func (s *stage) token(dialect string) string {
	s.t.Helper()
	if s.tokens[dialect] == "" {
		command := exec.Command(binarytest.Build(s.t, serverProgram), "token", "create", "--dialect", dialect, "--owner", "manager",
			"--owner-id", "7", "--owner-email", "manager@example.com", "--data", s.data)
		out, err := command.Output()
		if err != nil {
			s.t.Fatal(err)
		}
		s.tokens[dialect] = strings.TrimSpace(string(out))
	}
	return s.tokens[dialect]
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
