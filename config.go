package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"time"

	"github.com/alecthomas/kong"
)

// Config is every setting of a server. Its fields feed the flags, the
// environment (HOOKTREE_ and the flag's name), the config file (the flag's
// name as a key) and the table in docs/configuration.md. A flag beats the
// environment, which beats the file, which beats the default.
type Config struct {
	File kong.ConfigFlag `name:"config" placeholder:"FILE" help:"YAML file with settings, by the names of these flags."`

	Space string `default:"." help:"Space to serve: space.yaml, trees, webhooks."`
	Data  string `default:"data" help:"Where the database is kept."`

	Listen         string         `default:"127.0.0.1:8470" help:"Address to serve on."`
	PublicURL      *url.URL       `name:"public-url" placeholder:"URL" help:"Address by which others reach this server, in links that it sends. Default: the address that it listens on."`
	TLSCert        string         `name:"tls-cert" placeholder:"FILE" help:"Certificate chain in PEM; makes the server speak HTTPS."`
	TLSKey         string         `name:"tls-key" placeholder:"FILE" help:"Key of the certificate in PEM."`
	BehindProxy    bool           `help:"A proxy in front ends TLS, so any address may be listened on without it."`
	TrustedProxies []netip.Prefix `placeholder:"CIDR" help:"Proxies whose X-Forwarded headers are believed. Default: none."`

	SecretsFile string         `placeholder:"FILE" help:"YAML file of names and values for the secrets that space.yaml declares."`
	EgressAllow []netip.Prefix `placeholder:"CIDR" help:"Networks that handlers and webhooks may reach besides public addresses."`

	BodyLimit   Size `default:"4MB" help:"Largest request body."`
	WriterQueue int  `default:"4096" help:"Writes that may wait for the database; past it requests are answered 429."`
	MinFreeDisk Size `default:"256MB" help:"Free space below which events are answered 507."`
	Workers     int  `default:"64" help:"Handlers and deliveries at work at the same time."`

	RetentionAge   Age  `default:"90d" help:"How long finished runs are kept; 0 keeps them."`
	RetentionBytes Size `default:"10GB" help:"Size of the database past which the oldest finished runs go; 0 for no limit."`

	StopTimeout time.Duration `default:"10s" help:"How long a stop waits for work in progress."`
	LogLevel    slog.Level    `default:"info" help:"Least level to log: debug, info, warn or error."`
	LogFormat   string        `default:"text" enum:"text,json" help:"How to log: text or json."`

	// AdminPassword has no flag, because other users of a machine can read a
	// command line, and none in the file, because files are shared.
	AdminPassword Password `kong:"-"`
}

// adminPasswordEnv is the one place that AdminPassword comes from.
const adminPasswordEnv = "HOOKTREE_ADMIN_PASSWORD"

// AfterApply takes up what only the environment may say. Kong calls it.
func (c *Config) AfterApply() error { //nolint:unparam // kong wants its hooks to return an error
	c.AdminPassword = Password(os.Getenv(adminPasswordEnv))
	return nil
}

// Validate reports every setting that can't work, each with what to do. Kong
// calls it.
func (c *Config) Validate() error {
	return errors.Join(c.checkSpace(), c.checkListen(), c.checkTLS(), c.checkProxies(), c.checkPublicURL(), c.checkLimits())
}

// checkSpace refuses a directory that is not there: a fault in a file of it
// stops no start, but a wrong name would serve an empty space in silence.
func (c *Config) checkSpace() error {
	if info, err := os.Stat(c.Space); err == nil && info.IsDir() {
		return nil
	}
	return fmt.Errorf("space: there is no directory %s; name the one that holds space.yaml", c.Space)
}

// checkListen refuses to send passwords and tokens over a network in clear.
func (c *Config) checkListen() error {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil || port == "" {
		return fmt.Errorf("listen: %q is not HOST:PORT, such as 127.0.0.1:8470", c.Listen)
	}
	if isLoopback(host) || c.TLSCert != "" || c.BehindProxy {
		return nil
	}
	return fmt.Errorf("listen: %s is reachable from other machines, and passwords and tokens would cross the network "+
		"in clear; set tls-cert and tls-key, or behind-proxy if a proxy in front ends TLS, "+
		"or listen on a loopback address such as 127.0.0.1:8470", c.Listen)
}

// isLoopback reports whether host is reachable from this machine only. Names
// other than localhost are not looked up: an answer may change.
func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func (c *Config) checkTLS() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("tls-cert and tls-key: one is set without the other; set both, or none")
	}
	return nil
}

func (c *Config) checkProxies() error {
	if len(c.TrustedProxies) > 0 && !c.BehindProxy {
		return errors.New("trusted-proxies is set without behind-proxy, so nothing would be believed; set behind-proxy too")
	}
	return nil
}

func (c *Config) checkPublicURL() error {
	u := c.PublicURL
	if u == nil || (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.RawQuery == "" && u.Fragment == "" {
		return nil
	}
	return fmt.Errorf("public-url: %q is not an address that paths can be put behind, such as https://flows.example.com", u)
}

func (c *Config) checkLimits() error {
	var errs []error
	atLeast := func(name string, got, least int64) {
		if got < least {
			errs = append(errs, fmt.Errorf("%s: %d is too small; the least that works is %d", name, got, least))
		}
	}
	atLeast("body-limit", int64(c.BodyLimit), 1024)
	atLeast("writer-queue", int64(c.WriterQueue), 1)
	atLeast("workers", int64(c.Workers), 1)
	if c.StopTimeout <= 0 {
		errs = append(errs, fmt.Errorf("stop-timeout: %s leaves no time to finish work; the default is 10s", c.StopTimeout))
	}
	return errors.Join(errs...)
}
