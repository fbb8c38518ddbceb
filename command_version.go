package main

import (
	"fmt"
	"runtime"
)

// versionCommand is hooktree version.
type versionCommand struct{}

// Run prints the version of hooktree and of the Go that built it.
func (versionCommand) Run(std streams) error {
	_, err := fmt.Fprintf(std.out, "hooktree %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
