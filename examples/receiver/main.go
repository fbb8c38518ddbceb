// Command receiver is the other side of the examples: it listens on this
// machine, prints each request that reaches it, and says whether its signature
// holds. It also plays a small directory, so that trees have something to call.
//
//	go run ./examples/receiver
//
// It is no part of hooktree and keeps nothing.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"
)

func main() {
	address := flag.String("listen", "127.0.0.1:8471", "address to listen on")
	secret := flag.String("secret", "example", "secret that signatures are checked with")
	busy := flag.Int("busy", 0, "how often each path below /groups answers 503 before it answers well")
	flag.Parse()
	if err := run(*address, newDesk(*secret, *busy)); err != nil {
		fmt.Fprintln(os.Stderr, "receiver:", err)
		os.Exit(1)
	}
}

// run serves until an interrupt.
func run(address string, h http.Handler) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	fmt.Printf("receiver listens on http://%s\n", l.Addr())
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}
