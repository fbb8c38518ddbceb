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
	if err := run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run does what the command line asks for: it serves a floor, or measures.
func run(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(args) == 4 && args[1] == floorCommand {
		return serveFloor(ctx, args[2], args[3])
	}
	o, err := parseOptions(args[1:])
	if err != nil {
		return err
	}
	return measure(ctx, o)
}

// parseOptions reads the command line.
func parseOptions(args []string) (options, error) {
	var o options
	var connections string
	flag.StringVar(&o.binary, "binary", "bin/hooktree", "the hooktree to measure")
	flag.StringVar(&o.space, "space", "bench/space", "the space that it serves")
	flag.StringVar(&connections, "connections", "1,64,256", "numbers of connections, each measured by itself")
	flag.DurationVar(&o.duration, "duration", 5*time.Second, "how long each load lasts")
	flag.StringVar(&o.only, "workload", "", "only this workload")
	flag.IntVar(&o.rows, "rows", 1_000_000, "jobs in the store whose lists are measured; 0 leaves them out")
	if err := flag.CommandLine.Parse(args); err != nil {
		return o, err
	}
	for text := range strings.SplitSeq(connections, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 || n > 1024 {
			return o, fmt.Errorf("connections: %q is not a number from 1 to 1024", text)
		}
		o.connections = append(o.connections, n)
	}
	return o, nil
}

// tell writes one result as a line of JSON.
func tell(result any) error {
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
	if err := tell(started); err != nil {
		return err
	}
	if o.only == "" || o.only == deliveries {
		if err := measureDeliveries(ctx, o); err != nil {
			return err
		}
	}
	if o.rows == 0 {
		return nil
	}
	return measureLarge(ctx, o)
}
