package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"strings"
	"testing"

	"hooktree/server"
	"hooktree/server/accounts"
)

// packed is text as gzip.
func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMount_unpacksBodiesWhereItIsAsked(t *testing.T) {
	t.Parallel()

	var got []server.Request
	keep := func(_ context.Context, r server.Request) server.Response {
		got = append(got, r)
		return server.Response{Status: http.StatusNoContent}
	}
	h := open(t, func(_ *server.Config, _ *server.Services, mounts *[]server.Mount) {
		*mounts = append(*mounts, server.Mount{
			Name: "packed", Prefixes: []string{"/packed"},
			Routes: []server.Route{
				{Method: "POST", Path: "/yes", Own: true, Limit: 1000, Unpack: true, Handle: keep},
				{Method: "POST", Path: "/no", Own: true, Limit: 1000, Handle: keep},
			},
			Counts: func() map[string]float64 { return map[string]float64{"packed_things_total": float64(len(got))} },
		})
	})
	text, bomb := packed(t, "a text"), packed(t, strings.Repeat("\x00", 500_000))
	for _, tt := range []struct {
		name, path, coding, body string
		want                     int
	}{
		{"gzip", "/packed/yes", "gzip", text, 204},
		{"gzip by its old name, in capitals", "/packed/yes", "X-GZIP", text, 204},
		{"plain", "/packed/yes", "", "a text", 204},
		{"plain by name", "/packed/yes", "identity", "a text", 204},
		{"another coding", "/packed/yes", "br", text, 415},
		{"two codings", "/packed/yes", "gzip, gzip", text, 415},
		{"a route that unpacks nothing", "/packed/no", "gzip", text, 415},
		{"no gzip", "/packed/yes", "gzip", "a text", 400},
		{"cut off", "/packed/yes", "gzip", text[:len(text)-6], 400},
		{"as much as the limit", "/packed/yes", "gzip", packed(t, strings.Repeat("x", 1000)), 204},
		{"more than the limit", "/packed/yes", "gzip", packed(t, strings.Repeat("x", 1001)), 413},
		{"a bomb", "/packed/yes", "gzip", bomb, 413},
		{"a bomb whose broken end is never read", "/packed/yes", "gzip", bomb[:len(bomb)-6], 413},
	} {
		got = nil
		a := h.do(accounts.Public, "POST", tt.path, tt.body, "Content-Encoding", tt.coding)
		if a.status != tt.want || (len(got) == 1) != (tt.want == http.StatusNoContent) {
			t.Errorf("%s: %d %s, and %d requests were handed on; want %d", tt.name, a.status, a.body, len(got), tt.want)
		}
		for _, r := range got {
			if strings.HasPrefix(tt.coding, "gz") && (r.Header.Get("Content-Encoding") != "" || packed(t, string(r.Body)) != tt.body) {
				t.Errorf("%s: the handler was given %q with %v", tt.name, r.Body, r.Header)
			}
		}
	}
	h.do(accounts.Public, "POST", "/packed/yes", text, "Content-Encoding", "gzip")
	if a := h.do(accounts.Public, "GET", "/metrics", ""); !strings.Contains(a.body, "packed_things_total 1\n") {
		t.Error("the metrics do not tell what the API counts")
	}
}
