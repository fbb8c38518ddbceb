package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/accounts"
)

// vendor mounts an API of two routes that keeps what it is asked.
func vendor(asked *[]server.Request) func(*server.Config, *server.Services, *[]server.Mount) {
	keep := func(_ context.Context, r server.Request) server.Response {
		*asked = append(*asked, r)
		return server.Response{Status: 201, Header: http.Header{"Content-Type": {"text/x"}, "X-Two": {"a", "b"}}, Body: []byte("kept")}
	}
	return func(_ *server.Config, _ *server.Services, mounts *[]server.Mount) {
		*mounts = append(*mounts, server.Mount{
			Name: "vendor", Prefixes: []string{"/app/api", "/other/api"},
			Routes: []server.Route{
				{Method: "POST", Path: "/run/:group/:name", Role: accounts.Operator, Limit: 100, Handle: keep},
				{Method: "GET", Path: "/own/*", Own: true, Handle: keep},
				{Method: "GET", Path: "/broken", Handle: func(context.Context, server.Request) server.Response { panic("a secret reason") }},
			},
			Refuse: func(r server.Refusal) server.Response {
				return server.Response{Status: r.Status, Body: []byte("vendor says " + r.Code + " at " + r.Path)}
			},
		})
	}
}

func TestMount_isHandedRequestsWholeAndDecodedOnce(t *testing.T) {
	t.Parallel()

	var asked []server.Request
	h := open(t, vendor(&asked))
	got := h.do(accounts.Operator, "POST", "/other/api/run/Submissions%20%3E%20a%2Fb/100%2525?x=1&x=%2F", "body", "X-Custom", "c")
	if got.status != 201 || got.body != "kept" || !cmp.Equal(got.header["X-Two"], []string{"a", "b"}) {
		t.Fatalf("POST = %d %s %s", got.status, got.header, got.body)
	}
	h.do(accounts.Public, "GET", "/app/api/own/p/q%2Fr", "", "Authorization", "Custom of its own")
	if len(asked) != 2 {
		t.Fatalf("%d requests were handed on; want two", len(asked))
	}
	r := asked[0]
	if want := map[string]string{"group": "Submissions > a/b", "name": "100%25"}; !cmp.Equal(r.Params, want) {
		t.Errorf("Params = %q; want %q", r.Params, want)
	}
	if want := []string{"run", "Submissions%20%3E%20a%2Fb", "100%2525"}; !cmp.Equal(r.Segments, want) {
		t.Errorf("Segments = %q; want %q", r.Segments, want)
	}
	if want := []string{"1", "/"}; !cmp.Equal(r.Query["x"], want) {
		t.Errorf("Query = %q; want %q", r.Query["x"], want)
	}
	if string(r.Body) != "body" || r.Header.Get("X-Custom") != "c" || r.Identity.Role != accounts.Operator || r.ID == "" {
		t.Errorf("request = %+v", r)
	}
	if asked[1].Params["*"] != "p/q/r" || asked[1].Identity.Known() {
		t.Errorf("a route with credentials of its own was handed %+v", asked[1])
	}
}

func TestMount_isRefusedInItsOwnForm(t *testing.T) {
	t.Parallel()

	var asked []server.Request
	h := open(t, vendor(&asked))
	for _, tt := range []struct {
		name, method, target, body string
		role                       accounts.Role
		want                       string
	}{
		{"nobody", "POST", "/app/api/run/a/b", "", accounts.Public, "401 vendor says not_signed_in"},
		{"too low a role", "POST", "/app/api/run/a/b", "", accounts.Viewer, "403 vendor says forbidden"},
		{"a large body", "POST", "/app/api/run/a/b", strings.Repeat("x", 101), accounts.Operator, "413 vendor says too_large"},
		{"a huge body", "POST", "/app/api/run/a/b", strings.Repeat("x", 9<<20), accounts.Operator, "413 vendor says too_large"},
		{"another method", "DELETE", "/app/api/run/a/b", "", accounts.Admin, "405 vendor says method_not_allowed"},
		{"no such path", "GET", "/other/api/nope", "", accounts.Admin, "404 vendor says not_found"},
		{"a panic", "GET", "/app/api/broken", "", accounts.Public, "500 vendor says internal"},
	} {
		got := h.do(tt.role, tt.method, tt.target, tt.body)
		if told := fmt.Sprintf("%d %s", got.status, got.body); told != tt.want+" at "+tt.target {
			t.Errorf("%s = %s; want %s at %s", tt.name, told, tt.want, tt.target)
		}
	}
	if len(asked) > 0 {
		t.Errorf("refused requests were handed on: %+v", asked)
	}
	if !strings.Contains(h.log.String(), "a secret reason") {
		t.Error("the log does not tell of the panic")
	}
}

func TestNew_refusesTheSameRouteTwice(t *testing.T) {
	t.Parallel()

	again := server.Mount{Name: "again", Prefixes: []string{"/api/v1"}, Routes: []server.Route{{Method: "GET", Path: "/jobs"}}}
	_, err := server.New(server.Config{}, server.Services{}, again)
	if err == nil || !strings.Contains(err.Error(), "GET /api/v1/jobs") {
		t.Errorf("New = %v; want an error that names the route", err)
	}
}

// Nothing that a handler is given may change when its connection goes on.
func TestMount_requestsDoNotChangeAfterwards(t *testing.T) {
	t.Parallel()

	var asked []server.Request
	h := open(t, vendor(&asked))
	names := []string{"aaaa", "bbbb", "cccc", "dddd"}
	for _, name := range names {
		h.do(accounts.Operator, "POST", "/app/api/run/"+name+"/"+name+"?q="+name, name, "X-Custom", name)
	}
	for i, name := range names {
		r := asked[i]
		kept := []string{r.Params["group"], r.Segments[1], r.Query.Get("q"), r.Header.Get("X-Custom"), string(r.Body), r.Path[len("/app/api/run/"):][:4]}
		for _, text := range kept {
			if text != name {
				t.Errorf("request %s has become %q", name, kept)
				break
			}
		}
	}
}

func TestProxy_isBelievedOnlyWhereItIsTrusted(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		name    string
		trusted []netip.Prefix
		want    string
	}{
		{"nobody is trusted", nil, "127.0.0.1 http://hooktree.test"},
		{"somebody else is trusted", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, "127.0.0.1 http://hooktree.test"},
		{"the neighbor is trusted", []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, "198.51.100.2 https://hooks.example.com"},
		{"two are trusted", []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("198.51.100.0/24")}, "203.0.113.9 https://hooks.example.com"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			var asked []server.Request
			h := open(t, vendor(&asked), func(c *server.Config, _ *server.Services, _ *[]server.Mount) { c.TrustedProxies = tt.trusted })
			h.do(accounts.Public, "GET", "/app/api/own/x", "", "X-Forwarded-For", "192.0.2.66, 203.0.113.9, 198.51.100.2",
				"X-Forwarded-Proto", "https", "X-Forwarded-Host", "hooks.example.com")
			if got := asked[0].Remote.String() + " " + asked[0].Origin; got != tt.want {
				t.Errorf("the client is %s; want %s", got, tt.want)
			}
		})
	}
}

func TestPages_areFilesOrThePageForEveryAddress(t *testing.T) {
	t.Parallel()

	files := fstest.MapFS{
		"index.html": {Data: []byte("<title>page</title>")}, "assets/app-1a2b.js": {Data: []byte("js")}, "icon.svg": {Data: []byte("<svg/>")},
	}
	h := open(t, func(c *server.Config, _ *server.Services, _ *[]server.Mount) { c.UI = files })
	const html = "text/html,*/*"
	for _, tt := range []struct {
		target, accept string
		status         int
		kind, keep     string
	}{
		{"/", html, 200, "text/html; charset=utf-8", "no-cache"},
		{"/runs/7", html, 200, "text/html; charset=utf-8", "no-cache"},
		{"/assets/app-1a2b.js", "*/*", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/icon.svg", "*/*", 200, "image/svg+xml", "no-cache"},
		{"/assets/gone.js", html, 404, "application/problem+json", ""},
		{"/runs/7", "application/json", 404, "application/problem+json", ""},
		{"/api/v1/nope", html, 404, "application/problem+json", ""},
		{"/api/v2/nope", html, 404, "application/problem+json", ""},
		{"/../../etc/passwd", "*/*", 404, "application/problem+json", ""},
		{"/..%2f..%2fetc%2fpasswd", "*/*", 404, "application/problem+json", ""},
		{"/%zz", html, 404, "application/problem+json", ""},
	} {
		got := h.raw("GET " + tt.target + " HTTP/1.1\r\nHost: hooktree.test\r\nAccept: " + tt.accept + "\r\n\r\n")
		if got.status != tt.status || got.header.Get("Content-Type") != tt.kind || tt.keep != "" && got.header.Get("Cache-Control") != tt.keep {
			t.Errorf("GET %s = %d %s; want %d %s %s", tt.target, got.status, got.header, tt.status, tt.kind, tt.keep)
		}
		policy := got.header.Get("Content-Security-Policy")
		if tt.status == 200 && (!strings.HasPrefix(policy, "default-src 'self';") || strings.Contains(policy, "unsafe")) {
			t.Errorf("GET %s has the policy %q", tt.target, policy)
		}
	}
	if got := h.do(accounts.Public, "POST", "/runs/7", "{}"); got.status != 404 {
		t.Errorf("POST to a page = %d; want 404", got.status)
	}
}

func TestRoot_tellsHealthReadinessAndMetrics(t *testing.T) {
	t.Parallel()

	h := open(t)
	wantJSON(t, h.do(accounts.Public, "GET", "/healthz", ""), `{"status":"ok","version":"1.2.3"}`)
	h.health.warnings = []string{"trees/a.yaml has a fault"}
	wantJSON(t, h.do(accounts.Public, "GET", "/readyz", ""), `{"status":"ok","warnings":["trees/a.yaml has a fault"]}`)
	h.health.troubles = []string{"the store cannot be written"}
	if got := h.do(accounts.Public, "GET", "/readyz", ""); got.status != 503 || !strings.Contains(got.body, "cannot be written") {
		t.Errorf("GET /readyz = %d %s", got.status, got.body)
	}

	h.do(accounts.Operator, "POST", postEvents, "["+submitted+","+submitted+"]")
	h.intake.receipts = nil
	h.intake.err = jobs.ErrBusy
	h.do(accounts.Operator, "POST", postEvents, submitted)
	metrics := h.do(accounts.Public, "GET", "/metrics", "").body
	for _, want := range []string{
		"hooktree_events_accepted_total 2\n",
		`hooktree_verdicts_total{outcome="none"} 2` + "\n",
		`hooktree_http_requests_total{api="native",method="POST",route="/api/v1/events",status="2xx"} 1` + "\n",
		`hooktree_http_requests_total{api="native",method="POST",route="/api/v1/events",status="4xx"} 1` + "\n",
		`hooktree_http_request_seconds_count{api="native",method="POST",route="/api/v1/events"} 2` + "\n",
		`hooktree_runs{status="Error"} 2` + "\n", `hooktree_jobs{status="Complete"} 3` + "\n",
		"hooktree_errors_open 2\n", "hooktree_work_queue 5\n", "hooktree_store_bytes 4096\n", "hooktree_store_writes_waiting 12\n", "go_goroutines ",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(metrics, "ht_") || strings.Contains(metrics, "laptop") {
		t.Error("the metrics hold a name or a secret")
	}
}
