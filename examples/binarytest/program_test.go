package binarytest_test

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"hooktree/examples/binarytest"
)

func TestMain(m *testing.M) { binarytest.Main(m) }

func TestBuild_buildsAProgramOnce(t *testing.T) {
	t.Parallel()

	first := binarytest.Build(t, "hooktree/examples/receiver")
	before, err := os.Stat(first)
	if err != nil {
		t.Fatal(err)
	}
	second := binarytest.Build(t, "hooktree/examples/receiver")
	after, err := os.Stat(second)
	if err != nil || !os.SameFile(before, after) || !before.ModTime().Equal(after.ModTime()) {
		t.Errorf("Build again = %s, %v; want %s as it was", second, err, first)
	}
}

func TestProgram_printsAndStops(t *testing.T) {
	t.Parallel()

	address := binarytest.Address(t)
	command := binarytest.Command{Path: binarytest.Build(t, "hooktree/examples/receiver"), Args: []string{"-listen", address}, Dir: t.TempDir()}
	for range 2 { // the second on the address of the first
		p := binarytest.Start(t, command)
		p.Until("the receiver listens", func() bool { return strings.Contains(p.Printed(), "listens on http://"+address) })
		if printed := p.Stop(); !strings.Contains(printed, address) {
			t.Errorf("Stop = %q; want what it printed", printed)
		}
	}
}

func TestProgram_isGoneOnceKilled(t *testing.T) {
	t.Parallel()

	p := binarytest.Start(t, binarytest.Command{
		Path: binarytest.Build(t, "hooktree/examples/receiver"), Args: []string{"-listen", binarytest.Address(t)},
	})
	if err := syscall.Kill(p.ID(), 0); err != nil {
		t.Errorf("process %d before it is killed: %v", p.ID(), err)
	}
	p.Kill()
	if err := syscall.Kill(p.ID(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d after it is killed: %v; want none", p.ID(), err)
	}
	p.Kill() // as the cleanup does
}
