package main_test

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
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

// builtBinary is the file of hooktree.
func builtBinary(t *testing.T) string {
	t.Helper()
	return binarytest.Build(t, "hooktree")
}

// binary is a hooktree process over a space and a data directory of its own.
type binary struct {
	t        *testing.T
	space    string
	data     string
	addr     string
	password string
	env      []string

	process *binarytest.Program // the latest
	client  *http.Client        // of the latest: connections to one that was killed are not used again
}

// newBinary prepares a space of the given files; start starts the process.
func newBinary(t *testing.T, files map[string]string) *binary {
	t.Helper()
	b := &binary{t: t, space: t.TempDir(), data: t.TempDir(), addr: binarytest.Address(t), password: randomText(t)}
	for name, content := range files {
		b.write(name, content)
	}
	return b
}

// write puts a file into the space.
func (b *binary) write(name, content string) {
	b.t.Helper()
	path := filepath.Join(b.space, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func randomText(t *testing.T) string {
	t.Helper()
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b[:])
}

// start starts the process and waits until it is ready.
func (b *binary) start() {
	b.t.Helper()
	transport := new(http.Transport)
	b.t.Cleanup(transport.CloseIdleConnections)
	b.client = &http.Client{Transport: transport}
	b.process = binarytest.Start(b.t, binarytest.Command{
		Path: builtBinary(b.t),
		Args: []string{"serve", "--space", b.space, "--data", b.data, "--listen", b.addr},
		Env:  append([]string{"HOOKTREE_ADMIN_PASSWORD=" + b.password}, b.env...),
	})
	b.process.UntilReady(b.addr)
	if printed := b.process.Printed(); strings.Contains(printed, "the space has a fault") {
		b.t.Fatalf("the space is not sound:\n%s", printed)
	}
}

// kill ends the process as a power cut would.
func (b *binary) kill() { b.process.Kill() }

// stop ends the process as an operator would, and gives its log.
func (b *binary) stop() string {
	b.t.Helper()
	return b.process.Stop()
}

// token makes a bearer token of a role.
func (b *binary) token(role string) string {
	b.t.Helper()
	var made struct {
		Secret string `json:"secret"`
	}
	status, body, err := b.call(http.MethodPost, "/api/v1/tokens", fmt.Sprintf(`{"name":"test %s","role":%q}`, role, role), func(r *http.Request) {
		r.SetBasicAuth("admin", b.password)
	})
	if err != nil || status >= 300 {
		b.t.Fatalf("make a token: %d %s %v", status, body, err)
	}
	if err := json.Unmarshal(body, &made); err != nil || made.Secret == "" {
		b.t.Fatalf("make a token: %s: %v", body, err)
	}
	return made.Secret
}

// bearer authorizes a request by a token.
func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

// call makes one request; the error is that of the connection.
func (b *binary) call(method, path, body string, authorize func(*http.Request)) (int, []byte, error) {
	request, err := http.NewRequestWithContext(b.t.Context(), method, "http://"+b.addr+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	authorize(request)
	response, err := b.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

// get reads a JSON answer.
func (b *binary) get(path, token string, into any) {
	b.t.Helper()
	status, body, err := b.call(http.MethodGet, path, "", bearer(token))
	if err != nil || status != http.StatusOK {
		b.t.Fatalf("GET %s: %d %s %v", path, status, body, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		b.t.Fatalf("GET %s: %v\n%s", path, err, body)
	}
}

func TestServe_refusesDataThatAnotherServerUses(t *testing.T) {
	t.Parallel()
	b := newBinary(t, map[string]string{"space.yaml": "slug: one\nname: One\n"})
	b.start()
	out, err := exec.CommandContext(t.Context(), builtBinary(t), "serve", "--space", b.space, "--data", b.data, "--listen", "127.0.0.1:0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "is in use by another hooktree (process "+fmt.Sprint(b.process.ID())+")") {
		t.Errorf("a second server on the same data ended with %v:\n%s\nwant it to name the first", err, out)
	}
	b.kill()
	b.start() // the lock of a killed process is gone
}
