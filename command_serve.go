package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	"hooktree/trees"
)

// serveCommand is hooktree serve.
type serveCommand struct {
	Config
}

// Run serves until it is told to stop.
func (c *serveCommand) Run(ctx context.Context, h host) error {
	l, err := listen(ctx, &c.Config) // first, so that a second server leaves the data of the first alone
	if err != nil {
		return err
	}
	lock, err := lockData(c.Data)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer lock.Close() //nolint:errcheck // the process ends
	a, err := newApp(ctx, c.Config, newLog(&c.Config, h), dialects())
	if err != nil {
		return errors.Join(err, l.Close())
	}
	c.greet(h, l.Addr(), a)
	return a.serve(ctx, l)
}

// Help is what --help shows besides the flags.
func (*serveCommand) Help() string {
	return `Serves a space until it is told to stop (by an interrupt, or SIGTERM). Files of the space that change are read again
while it runs; a fault in one stops nothing. The first start prints a link by which the first admin is made, or makes the
user admin where ` + adminPasswordEnv + ` is set.

  hooktree serve --space examples/service-desk --data data
  hooktree serve --config /etc/hooktree.yaml`
}

// greet says where the server is and how to sign in.
func (c *serveCommand) greet(h host, addr net.Addr, a *app) {
	base := c.address(addr)
	fmt.Fprintf(h.out, "hooktree serves %s on %s\n", spaceName(c.Space, a.trees.Library().Space()), base)
	if a.setup == "" {
		fmt.Fprintf(h.out, "Sign in there by name and password; `hooktree user list --data %s` shows who can.\n", c.Data)
		return
	}
	link := base.JoinPath("setup")
	link.RawQuery = url.Values{"token": {a.setup}}.Encode()
	fmt.Fprintf(h.out, "Nobody can sign in yet. Make the first admin: open this link, which works once,\n  %s\n"+
		"or run this in another terminal:\n  hooktree user add admin --role admin --data %s\n", link, c.Data)
}

// spaceName names a space for people.
func spaceName(dir string, space *trees.Space) string {
	if space == nil || space.Name == "" {
		return dir
	}
	return fmt.Sprintf("%s (%s)", space.Name, dir)
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
