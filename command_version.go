package main

import (
	"fmt"
	"runtime"
)

// versionCommand is hooktree version.
type versionCommand struct{}

// Run prints the version of hooktree and of the Go that built it.
func (versionCommand) Run(h host) error {
	_, err := fmt.Fprintf(h.out, "hooktree %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
