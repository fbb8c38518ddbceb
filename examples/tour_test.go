package examples_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"hooktree/examples/binarytest"
)

// TestGenerated_tours types the commands of the documents, one after the
// other, and holds what they print against what the documents say. What
// differs from run to run is masked on both sides.
func TestGenerated_tours(t *testing.T) {
	t.Parallel()

	for name, least := range map[string]int{
		"README.md": 10, "docs/operations.md": 6, "docs/credentials.md": 3, "examples/service-desk/README.md": 3,
		"examples/url-webhooks/README.md": 4, "examples/own-events/README.md": 3, "examples/naming/README.md": 3,
		"examples/inbound/README.md": 4, "examples/actionstep/README.md": 6, "examples/keap/README.md": 6,
		"examples/accelo/README.md": 6, "examples/standard/README.md": 6,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			document := filepath.Join("..", filepath.FromSlash(name))
			text, err := os.ReadFile(document)
			if err != nil {
				t.Fatal(err)
			}
			found := steps(string(text))
			if len(found) < least {
				t.Fatalf("%s has %d commands; are they still in blocks of ```console?", name, len(found))
			}
			newTour(t).walk(found)
			said := compareSteps(t, string(text), found)
			if said == string(text) {
				return
			}
			if err := os.WriteFile(document, []byte(said), 0o600); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// compareSteps gives the document with what the commands printed, where it may
// be updated.
func compareSteps(t *testing.T, said string, found []step) string {
	t.Helper()
	for _, s := range found {
		switch {
		case s.holds():
		case *update:
			said = strings.Replace(said, s.text(s.want), s.text(s.got), 1)
		default:
			t.Errorf("$ %s\ngot:\n%s\nthe document says:\n%s\n`make generate` rewrites it", s.command, s.got, s.want)
		}
	}
	return said
}

// step is a command of the tour with what it prints.
type step struct {
	command   string
	want, got string
}

// text is how a step stands in the document.
func (s step) text(printed string) string { return "$ " + s.command + "\n" + printed }

var console = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

// steps reads the commands of a document. A command that ends in a backslash
// goes on in the next line.
func steps(document string) []step {
	var found []step
	for _, block := range console.FindAllStringSubmatch(document, -1) {
		open := false
		for line := range strings.Lines(block[1]) {
			command, starts := strings.CutPrefix(line, "$ ")
			switch {
			case starts:
				found = append(found, step{command: strings.TrimSuffix(command, "\n")})
			case open:
				found[len(found)-1].command += "\n" + strings.TrimSuffix(line, "\n")
			default:
				found[len(found)-1].want += line
			}
			open = (starts || open) && strings.HasSuffix(line, "\\\n")
		}
	}
	return found
}

// holds reports whether a step printed what the document says, but for what
// differs from run to run. Requests reach the receiver in any order.
func (s step) holds() bool {
	want, got := masked(s.want), masked(s.got)
	if strings.HasPrefix(s.command, runReceiver) {
		return slices.Equal(requests(want), requests(got))
	}
	return fits(want, got)
}

// dots stand for any lines that a document leaves out.
const dots = "...\n"

// fits compares a text with one in which dots leave something out.
func fits(want, got string) bool {
	parts := strings.Split(want, dots)
	rest, ok := strings.CutPrefix(got, parts[0])
	if !ok || len(parts) == 1 {
		return ok && rest == ""
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[last])
}

func TestFits(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name, want, got string
		fits            bool
	}{
		{"the same", "a\nb\n", "a\nb\n", true},
		{"a line more", "a\n", "a\nb\n", false},
		{"a line less", "a\nb\n", "a\n", false},
		{"dots before", dots + "b\n", "a\nb\n", true},
		{"dots after", "a\n" + dots, "a\nb\n", true},
		{"dots for nothing", "a\n" + dots, "a\n", true},
		{"dots between", "a\n" + dots + "c\n", "a\nb\nc\n", true},
		{"dots hide no other end", "a\n" + dots + "c\n", "a\nb\nd\n", false},
		{"dots hide no other line", dots + "b\n" + dots, "a\nc\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			if got := fits(tt.want, tt.got); got != tt.fits {
				t.Errorf("fits(%q, %q) = %t; want %t", tt.want, tt.got, got, tt.fits)
			}
		})
	}
}

// tour is a directory like a clone after `make build`, and a shell in it.
type tour struct {
	t       *testing.T
	dir     string
	address string              // of the server, in place of serverAddress
	reached string              // of the receiver, in place of receiverAddress
	server  *binarytest.Program // the latest
	started map[string]*binarytest.Program
}

func newTour(t *testing.T) *tour {
	t.Helper()
	tour := &tour{t: t, dir: t.TempDir(), address: binarytest.Address(t), reached: binarytest.Address(t), started: map[string]*binarytest.Program{}}
	if err := os.Mkdir(filepath.Join(tour.dir, "bin"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(binarytest.Build(t, serverProgram), filepath.Join(tour.dir, "bin", "hooktree")); err != nil {
		t.Fatal(err)
	}
	spaces, err := filepath.Glob("*/space.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, space := range spaces {
		tour.copyExample(filepath.Dir(space))
	}
	return tour
}

// copyExample puts a space with its events where a clone has it.
func (v *tour) copyExample(name string) {
	v.t.Helper()
	target := filepath.Join(v.dir, "examples", name)
	if err := os.CopyFS(target, os.DirFS(copySpace(v.t, name, receiverAddress, v.reached))); err != nil {
		v.t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(target, "events-sent"), os.DirFS(filepath.Join(name, "events-sent"))); err != nil {
		v.t.Fatal(err)
	}
}

// The commands that stay in the foreground, each in a terminal of its own.
// Serving is known by its environment and its flags.
const runReceiver = "go run ./examples/receiver"

var (
	continued = regexp.MustCompile(`\\\n *`)
	serving   = regexp.MustCompile(`^((?:[A-Z_]+=\S+ )*)(make run|bin/hooktree serve (.*))$`)
)

// walk carries out the commands and notes what each printed.
func (v *tour) walk(found []step) {
	v.t.Helper()
	for i, s := range found {
		found[i].got = v.do(s.command)
	}
	for i, s := range found {
		p := v.started[s.command] // what stays in the foreground is looked at in the end
		if p == nil {
			continue
		}
		since := time.Now()
		p.Until("it printed what the document says", func() bool { // what was sent a moment ago may be on its way
			if got := v.unmoved(p.Printed()); got != found[i].got {
				found[i].got, since = got, time.Now()
			}
			return found[i].holds() || *update && time.Since(since) > quiet
		})
	}
}

// quiet is how long a program that stays in the foreground prints nothing
// before it counts as having said all, where the document is rewritten.
const quiet = 3 * time.Second

// do carries out a command of the tour and gives what it printed.
func (v *tour) do(command string) string {
	v.t.Helper()
	serve := serving.FindStringSubmatch(continued.ReplaceAllString(command, ""))
	switch {
	case serve != nil:
		v.serve(command, strings.Fields(serve[1]), strings.Fields(serve[3]))
		return ""
	case strings.HasPrefix(command, runReceiver):
		args := strings.Fields(strings.TrimPrefix(command, runReceiver))
		p := startReceiver(v.t, v.reached, args...)
		v.started[command] = p
		return ""
	default:
		return v.shell(command)
	}
}

// serve starts the server in the place of the one before. Of `make run` it
// does what comes after the build: all examples use the same binary.
func (v *tour) serve(command string, env, args []string) {
	v.t.Helper()
	if v.server != nil {
		v.server.Stop()
	}
	if len(args) == 0 {
		args = []string{"--space", "examples/service-desk", "--data", "data"}
	}
	args = append([]string{"serve", "--listen", v.address}, args...)
	v.server = binarytest.Start(v.t, binarytest.Command{Path: binarytest.Build(v.t, serverProgram), Dir: v.dir, Env: env, Args: args})
	v.server.UntilReady(v.address)
	v.started[command] = v.server
}

// shell runs a command as bash does; what it exports holds for the next.
func (v *tour) shell(command string) string {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), time.Minute)
	defer cancel()
	script := "{ [ ! -e .exported ] || . ./.exported; " + command + "\n} 2>&1; export -p > .exported"
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir = v.dir
	cmd.Env = append(os.Environ(), "HOOKTREE_SERVER=http://"+v.address)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // what it started, too
	out, err := cmd.CombinedOutput()
	if err != nil {
		v.t.Fatalf("$ %s: %v\n%s", command, err, out)
	}
	return v.unmoved(string(out))
}

var logLine = regexp.MustCompile(`(?m)^time=.*\n`)

// unmoved puts the documented addresses in the place of the true ones, and
// leaves out what a server logs.
func (v *tour) unmoved(text string) string {
	text = logLine.ReplaceAllString(strings.ReplaceAll(text, v.reached, receiverAddress), "")
	return strings.ReplaceAll(text, v.address, serverAddress)
}
