package egress_test

import (
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hooktree/webhooks/egress"
)

func refusedOf(err error) *egress.Refused {
	refused, _ := errors.AsType[*egress.Refused](err)
	return refused
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func TestTheAllowListChangesWhileRunning(t *testing.T) {
	t.Parallel()
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	gate := egress.New(egress.Config{})
	client := gate.Client()

	if err := get(t, client, server.URL); codeOf(err) != egress.CodeRefused {
		t.Errorf("before: got %v, want a refusal", err)
	}
	gate.Allow(loopbackOnly(t))
	if err := get(t, client, server.URL); err != nil {
		t.Errorf("allowed: %v", err)
	}
	gate.Allow(nil) // a connection is idle by now: it must not serve
	if err := get(t, client, server.URL); codeOf(err) != egress.CodeRefused {
		t.Errorf("after: got %v, want a refusal", err)
	}
}

func TestAConnectionInUseAtAChangeIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan bool), make(chan bool)
	server := serve(t, func(http.ResponseWriter, *http.Request) {
		arrived <- true
		<-release
	})
	gate := egress.New(egress.Config{Allow: loopbackOnly(t)})
	client := gate.Client()

	done := make(chan error)
	go func() { done <- get(t, client, server.URL) }()
	<-arrived
	gate.Allow(nil)
	close(release)
	if err := <-done; err != nil {
		t.Errorf("the request under way: %v", err)
	}
	if err := get(t, client, server.URL); codeOf(err) != egress.CodeRefused {
		t.Errorf("the next request: got %v, want a refusal", err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	resp, err := egress.New(egress.Config{Allow: loopbackOnly(t)}).Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusTemporaryRedirect || calls.Load() != 1 {
		t.Errorf("got status %d after %d requests, want 307 after one", resp.StatusCode, calls.Load())
	}
}

func TestBodiesOfAnswersAreBounded(t *testing.T) {
	t.Parallel()
	const limit = 1000
	tests := []struct {
		name string
		size int
		zip  bool
		want egress.Code
	}{
		{"empty", 0, false, ""},
		{"just as long as the bound", limit, false, ""},
		{"one byte more", limit + 1, false, egress.CodeTooLarge},
		{"large", 100 * limit, false, egress.CodeTooLarge},
		{"small when compressed, large when not", 100 * limit, true, egress.CodeTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				to := io.Writer(w)
				if tt.zip {
					w.Header().Set("Content-Encoding", "gzip")
					zipped := gzip.NewWriter(w)
					defer func() { _ = zipped.Close() }()
					to = zipped
				}
				_, _ = io.Copy(to, strings.NewReader(strings.Repeat("x", tt.size)))
			})
			gate := egress.New(egress.Config{Allow: loopbackOnly(t), MaxBody: limit})
			resp, err := gate.Client().Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			data, err := io.ReadAll(resp.Body)
			if codeOf(err) != tt.want || len(data) != min(tt.size, limit) {
				t.Errorf("read %d bytes, %v; want %d and %q", len(data), err, min(tt.size, limit), tt.want)
			}
		})
	}
}

func TestCertificatesAreVerified(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it will see handshakes fail
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())

	strange := egress.New(egress.Config{Allow: loopbackOnly(t)})
	if err := get(t, strange.Client(), server.URL); codeOf(err) != egress.CodeTLS {
		t.Errorf("a certificate of nobody's: got %v, want a TLS fault", err)
	}
	trusting := egress.New(egress.Config{Allow: loopbackOnly(t), Roots: roots})
	if err := get(t, trusting.Client(), server.URL); err != nil {
		t.Errorf("a trusted certificate: %v", err)
	}
	z := newZone()
	z.put("other.example.test", []netip.Addr{netip.MustParseAddr("127.0.0.1")})
	misnamed := egress.New(egress.Config{Allow: loopbackOnly(t), Roots: roots, Resolver: z.resolver()})
	if err := get(t, misnamed.Client(), "https://other.example.test:"+portOf(t, server)); codeOf(err) != egress.CodeTLS {
		t.Errorf("another name than the certificate's: got %v, want a TLS fault", err)
	}
}

func TestRequestsEndAtTheirDeadline(t *testing.T) {
	t.Parallel()
	stopped := make(chan bool)
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-stopped:
		}
	})
	t.Cleanup(func() { close(stopped) })

	gate := egress.New(egress.Config{Allow: loopbackOnly(t), Timeout: 20 * time.Millisecond})
	if err := get(t, gate.Client(), server.URL); codeOf(err) != egress.CodeTimeout {
		t.Errorf("no deadline of its own: got %v, want the gate's time-out", err)
	}

	patient := egress.New(egress.Config{Allow: loopbackOnly(t), Timeout: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = patient.Client().Do(req)
	if codeOf(err) != egress.CodeTimeout {
		t.Errorf("a deadline of its own: got %v, want a time-out", err)
	}
}

func TestABodyThatStallsEndsAtTheDeadline(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "begun")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	gate := egress.New(egress.Config{Allow: loopbackOnly(t), Timeout: 50 * time.Millisecond})
	resp, err := gate.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if data, err := io.ReadAll(resp.Body); codeOf(err) != egress.CodeTimeout {
		t.Errorf("read %q, %v; want a time-out", data, err)
	}
}

func TestConnectionsToOneHostAreLimited(t *testing.T) {
	t.Parallel()
	const limit, requests = 2, 12
	var opened atomic.Int32
	arrived, release := make(chan bool, requests), make(chan bool)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- true
		<-release
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	client := egress.New(egress.Config{Allow: loopbackOnly(t), ConnsPerHost: limit}).Client()

	var wg sync.WaitGroup
	for range requests {
		wg.Go(func() {
			if err := get(t, client, server.URL); err != nil {
				t.Error(err)
			}
		})
	}
	for range limit {
		<-arrived
	}
	close(release)
	wg.Wait()
	if got := opened.Load(); got > limit {
		t.Errorf("%d connections were opened, want at most %d", got, limit)
	}
}

// A proxy would dial in our stead, out of the guard's sight. The test changes
// the environment, so it is not parallel.
//
//nolint:paralleltest // as said above
func TestProxiesOfTheEnvironmentAreIgnored(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY"} {
		t.Setenv(name, "http://127.0.0.1:1")
	}
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	z := newZone()
	z.put("direct.example.test", []netip.Addr{netip.MustParseAddr("127.0.0.1")})
	gate := egress.New(egress.Config{Allow: loopbackOnly(t), Resolver: z.resolver()})
	if err := get(t, gate.Client(), "http://direct.example.test:"+portOf(t, server)); err != nil {
		t.Errorf("got %v, want the server's answer", err)
	}
}
