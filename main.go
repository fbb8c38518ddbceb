// Command hooktree runs workflow trees when a platform's events fire.
//
// This package joins the rooms and reads flags. It holds no rule of its own:
// what a command decides is in the room that it calls.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is what the build says it is; the Makefile sets it.
var version = "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], host{in: os.Stdin, out: os.Stdout, err: os.Stderr, sleep: sleep})
	stop()
	os.Exit(code)
}
