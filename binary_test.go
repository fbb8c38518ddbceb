package main_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
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
	"syscall"
	"testing"
	"time"
)

// builtBinary builds hooktree once for all tests that start it.
var builtBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "hooktree-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "hooktree")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// binary is a hooktree process over a space and a data directory of its own.
type binary struct {
	t        *testing.T
	space    string
	data     string
	addr     string
	password string
	env      []string

	process *exec.Cmd
	log     *bytes.Buffer // of the latest process
	ended   chan struct{}
}

// newBinary prepares a space of the given files; start starts the process.
func newBinary(t *testing.T, files map[string]string) *binary {
	t.Helper()
	b := &binary{t: t, space: t.TempDir(), data: t.TempDir(), addr: freeAddress(t), password: randomText(t)}
	for name, content := range files {
		b.write(name, content)
	}
	t.Cleanup(b.kill)
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
	path, err := builtBinary()
	if err != nil {
		b.t.Fatal(err)
	}
	b.log, b.ended = new(bytes.Buffer), make(chan struct{})
	b.process = exec.Command(path, "serve", "--space", b.space, "--data", b.data, "--listen", b.addr)
	b.process.Env = append(append(os.Environ(), "HOOKTREE_ADMIN_PASSWORD="+b.password), b.env...)
	b.process.Stdout, b.process.Stderr = b.log, b.log
	if err := b.process.Start(); err != nil {
		b.t.Fatal(err)
	}
	go func(process *exec.Cmd, ended chan struct{}) {
		_ = process.Wait()
		close(ended)
	}(b.process, b.ended)
	b.await()
	if strings.Contains(b.log.String(), "the space has a fault") {
		b.t.Fatalf("the space is not sound:\n%s", b.log)
	}
}

// await asks until the process says that it is ready.
func (b *binary) await() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.addr+"/readyz", nil)
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-tick.C:
		case <-b.ended:
			b.t.Fatalf("the process ended before it was ready:\n%s", b.log)
		case <-ctx.Done():
			b.t.Fatal("the process was not ready within a minute")
		}
	}
}

// kill ends the process as a power cut would.
func (b *binary) kill() {
	if b.process == nil {
		return
	}
	_ = b.process.Process.Kill()
	<-b.ended
	b.process = nil
}

// stop ends the process as an operator would, and gives its log.
func (b *binary) stop() string {
	b.t.Helper()
	if err := b.process.Process.Signal(syscall.SIGTERM); err != nil {
		b.t.Fatal(err)
	}
	select {
	case <-b.ended:
	case <-time.After(20 * time.Second):
		b.kill()
		b.t.Fatalf("the process did not stop:\n%s", b.log)
	}
	b.process = nil
	return b.log.String()
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
	response, err := http.DefaultClient.Do(request)
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
	path, err := builtBinary()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, "serve", "--space", b.space, "--data", b.data, "--listen", "127.0.0.1:0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "is in use by another hooktree (process "+fmt.Sprint(b.process.Process.Pid)+")") {
		t.Errorf("a second server on the same data ended with %v:\n%s\nwant it to name the first", err, out)
	}
	b.kill()
	b.start() // the lock of a killed process is gone
}
