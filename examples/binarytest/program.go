package binarytest

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// patience is how long a program may take for what it is sure to do. It bounds
// a test that hangs; none waits for it to pass.
const patience = time.Minute

// Command is how a program is started.
type Command struct {
	Path string   // the file, of Build
	Args []string // without the file's name
	Env  []string // besides that of the test
	Dir  string   // where it runs; the test's own when empty
}

// Program is a process that a test started. It ends with the test at the
// latest.
type Program struct {
	t       *testing.T
	process *exec.Cmd
	printed string // the file of what it wrote: a pipe's reader may lag behind, a file does not
	ended   chan struct{}
}

// Start starts a program.
func Start(t *testing.T, c Command) *Program {
	t.Helper()

	p := &Program{t: t, printed: filepath.Join(t.TempDir(), "printed"), ended: make(chan struct{})}
	out, err := os.Create(p.printed)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()                                                     // the program has its own
	p.process = exec.CommandContext(context.WithoutCancel(t.Context()), c.Path, c.Args...) // until the cleanup: a test's context is done before
	p.process.Dir, p.process.Env = c.Dir, append(os.Environ(), c.Env...)
	p.process.Stdout, p.process.Stderr = out, out
	if err := p.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.process.Wait()
		close(p.ended)
	}()
	t.Cleanup(p.Kill)
	return p
}

// ID is the number of the process.
func (p *Program) ID() int { return p.process.Process.Pid }

// Printed is what the program has written so far, to both of its outputs.
func (p *Program) Printed() string {
	p.t.Helper()

	text, err := os.ReadFile(p.printed)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// Until asks again and again whether something holds. The test fails when the
// program ends before.
func (p *Program) Until(what string, holds func() bool) {
	p.t.Helper()

	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-p.ended:
			p.t.Fatalf("the program ended before %s:\n%s", what, p.Printed())
		case <-ctx.Done():
			p.t.Fatalf("no sign within %v that %s:\n%s", patience, what, p.Printed())
		}
	}
}

// UntilReady waits until a server says at its address that it is ready.
func (p *Program) UntilReady(address string) {
	p.t.Helper()

	p.Until("the server is ready", func() bool {
		request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, "http://"+address+"/readyz", http.NoBody)
		if err != nil {
			p.t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false // it does not listen yet
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// Kill ends the program as a power cut would. One that has ended is left alone.
func (p *Program) Kill() {
	_ = p.process.Process.Kill()
	<-p.ended
}

// Stop ends the program as an operator would, and gives all that it wrote.
func (p *Program) Stop() string {
	p.t.Helper()

	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("the program did not stop:\n%s", p.Printed())
	}
	return p.Printed()
}
