package egress

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"
)

// Config bounds what a [Gate] does. Its zero value is safe and reaches public
// addresses only.
type Config struct {
	Allow []netip.Prefix // let through besides public addresses

	Connect time.Duration // longest time to connect, and again for TLS; 10 s when zero
	Timeout time.Duration // of a request that has no deadline, up to the end of the answer's body; 30 s when zero
	MaxBody int64         // longest body of an answer, decompressed; 8 MiB when zero

	ConnsPerHost int // connections to one host at a time; 32 when zero

	Roots    *x509.CertPool // whose certificates are trusted; nil is the system's
	Resolver *net.Resolver  // nil is the system's
}

// MaxHeader bounds the headers of an answer, in bytes.
const MaxHeader = 64 << 10

// maxIdle bounds the connections that wait for another request.
const maxIdle = 128

// Gate dials out, guarded. It is safe for concurrent use, and is the transport
// of the clients that it makes.
type Gate struct {
	config  Config
	current atomic.Pointer[generation]
}

// generation is what stands between two changes of the allow-list. Its
// connections are not used after it: one that was allowed may not be any more.
type generation struct {
	guard     guard
	dialer    *net.Dialer
	transport *http.Transport
}

// New makes a gate.
func New(config Config) *Gate {
	config.Connect = cmp.Or(config.Connect, 10*time.Second)
	config.Timeout = cmp.Or(config.Timeout, 30*time.Second)
	config.MaxBody = cmp.Or(config.MaxBody, 8<<20)
	config.ConnsPerHost = cmp.Or(config.ConnsPerHost, 32)
	g := &Gate{config: config}
	g.current.Store(g.generation(config.Allow))
	return g
}

// Allow replaces the allow-list. Requests that are under way end under the old
// one; every later one is dialed anew.
func (g *Gate) Allow(prefixes []netip.Prefix) {
	old := g.current.Swap(g.generation(prefixes))
	old.transport.CloseIdleConnections()
}

// Close ends the connections that wait for another request.
func (g *Gate) Close() { g.current.Load().transport.CloseIdleConnections() }

func (g *Gate) generation(allow []netip.Prefix) *generation {
	guard := newGuard(allow)
	dialer := &net.Dialer{
		Timeout:  g.config.Connect,
		Resolver: g.config.Resolver,
		Control:  guard.control,
	}
	return &generation{
		guard:  guard,
		dialer: dialer,
		transport: &http.Transport{
			Proxy: nil, // a proxy would dial where the guard cannot see
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return dial(ctx, dialer, network, address)
			},
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: g.config.Roots},
			TLSHandshakeTimeout:    g.config.Connect,
			MaxConnsPerHost:        g.config.ConnsPerHost,
			MaxIdleConnsPerHost:    min(g.config.ConnsPerHost, 8),
			MaxIdleConns:           maxIdle,
			IdleConnTimeout:        90 * time.Second,
			MaxResponseHeaderBytes: MaxHeader,
			ForceAttemptHTTP2:      true,
		},
	}
}

// Check refuses a URL that no request will be sent to, as far as that can be
// told without resolving its name: one that [CheckURL] refuses, an address that
// the guard does, or this machine by its name. Any other name is looked at when
// it is dialed. The error is a *[Refused].
func (g *Gate) Check(u *url.URL) error {
	if err := CheckURL(u); err != nil {
		return err
	}
	return g.current.Load().guard.check(u.Hostname())
}

// Client makes a client that follows no redirect and keeps no cookies.
func (g *Gate) Client() *http.Client {
	return &http.Client{Transport: g, CheckRedirect: stay}
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// DialContext connects to an address, guarded, for protocols other than HTTP.
func (g *Gate) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := dial(ctx, g.current.Load().dialer, network, address)
	if err != nil {
		return nil, Classify(err)
	}
	return conn, nil
}

// dial names the host in a refusal, where the socket knew only an address.
func dial(ctx context.Context, dialer *net.Dialer, network, address string) (net.Conn, error) {
	conn, err := dialer.DialContext(ctx, network, address)
	refused, ok := errors.AsType[*Refused](err)
	if !ok {
		return conn, err
	}
	named := *refused
	if host, _, err := net.SplitHostPort(address); err == nil {
		named.Host = host
	}
	return nil, &named
}

// RoundTrip sends one request. Each hop of a redirect comes through here, so
// each is checked.
func (g *Gate) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := CheckURL(req.URL); err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // a transport closes the body, whatever happens
		}
		return nil, Classify(err)
	}
	ctx, cancel := g.bounded(req.Context())
	resp, err := g.current.Load().transport.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, Classify(err)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		hangUp(resp)
	}
	limit := g.config.MaxBody
	resp.Body = &body{from: resp.Body, left: limit, limit: limit, cancel: cancel}
	return resp, nil
}

// hangUp ends a connection that was given over to another protocol, which
// nobody asked for: no deadline of the request would end it any more.
func hangUp(resp *http.Response) {
	_ = resp.Body.Close()
	resp.Body = http.NoBody
}

// bounded gives a request without a deadline that of the gate.
func (g *Gate) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, g.config.Timeout)
}
