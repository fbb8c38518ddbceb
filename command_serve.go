package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
)

// serveCommand is hooktree serve.
type serveCommand struct {
	Config
}

// Run serves until it is told to stop.
func (c *serveCommand) Run(ctx context.Context, h host) error {
	log := newLog(&c.Config, h)
	a, err := newApp(ctx, c.Config, log)
	if err != nil {
		return err
	}
	l, err := listen(ctx, &c.Config)
	if err != nil {
		return errors.Join(fmt.Errorf("listen on %s: %w", c.Listen, err), a.store.Close())
	}
	c.greet(h, l.Addr(), a.setup)
	return a.serve(ctx, l)
}

// greet says where the server is and how to sign in.
func (c *serveCommand) greet(h host, addr net.Addr, setup string) {
	base := c.address(addr)
	fmt.Fprintf(h.out, "hooktree serves %s on %s\n", c.Space, base)
	if setup != "" {
		fmt.Fprintf(h.out, "Nobody can sign in yet. Open this link once to make the first admin:\n  %s\n", base.JoinPath("setup").String()+"?token="+url.QueryEscape(setup))
	}
}

// address is how people reach the server.
func (c *serveCommand) address(addr net.Addr) *url.URL {
	if c.PublicURL != nil {
		return c.PublicURL
	}
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	return &url.URL{Scheme: scheme, Host: addr.String()}
}
