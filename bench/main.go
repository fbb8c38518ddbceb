// Command bench measures the real binary against floors of its own machine.
//
// It starts hooktree with a small space, drives it over HTTP on loopback with
// events of 1 kB, and prints one JSON object a line. In the same run it measures
// two floors: a bare fiber handler before one group-committing SQLite writer
// that stores rows of the same number and size with no engine, and bare fiber.
// Speed is told as a ratio to the store floor, so that a slow machine does not
// look like slow code. Nothing here talks to anything but loopback.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"
)

// options are what the command line asks for.
type options struct {
	binary      string
	space       string
	connections []int
	duration    time.Duration
	only        string // name of the one workload to measure; empty for all
	rows        int    // jobs in the large store; 0 leaves those measurements out
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == floorCommand {
		exit(serveFloor(os.Args[2], os.Args[3]))
	}
	var o options
	var connections string
	flag.StringVar(&o.binary, "binary", "bin/hooktree", "the hooktree to measure")
	flag.StringVar(&o.space, "space", "bench/space", "the space that it serves")
	flag.StringVar(&connections, "connections", "1,64,256", "numbers of connections, each measured by itself")
	flag.DurationVar(&o.duration, "duration", 5*time.Second, "how long each load lasts")
	flag.StringVar(&o.only, "workload", "", "only this workload")
	flag.IntVar(&o.rows, "rows", 1_000_000, "jobs in the store whose lists are measured; 0 leaves them out")
	flag.Parse()
	for _, text := range strings.Split(connections, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 || n > 1024 {
			exit(fmt.Errorf("connections: %q is not a number from 1 to 1024", text))
		}
		o.connections = append(o.connections, n)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exit(measure(ctx, o))
}

// exit ends the program, with what went wrong if anything did.
func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// print writes one result as a line of JSON.
func print(result any) error {
	line, err := json.Marshal(result)
	if err != nil {
		return err
	}
	_, err = fmt.Println(string(line))
	return err
}

// measure takes all measurements in turn.
func measure(ctx context.Context, o options) error {
	started, err := measureWorkloads(ctx, o)
	if err != nil {
		return err
	}
	if err := print(started); err != nil {
		return err
	}
	if o.rows == 0 {
		return nil
	}
	return measureLarge(ctx, o)
}
