package server_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hooktree/server"
	"hooktree/server/accounts"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

var roles = []accounts.Role{accounts.Public, accounts.Viewer, accounts.Operator, accounts.Author, accounts.Admin}

// The file is the table that people review: who may call what.
func TestTable_isTheOneInTestdata(t *testing.T) {
	t.Parallel()

	var lines []string
	for _, r := range open(t).server.Table() {
		lines = append(lines, fmt.Sprintf("%-8s %-6s %s", r.Role, r.Method, r.Path))
	}
	slices.Sort(lines)
	golden(t, "routes.txt", strings.Join(lines, "\n")+"\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatalf("write %s: %v", file, err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("read %s: %v", file, err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; look at it, and run the test with -update if it is meant (-want +got):\n%s", file, diff)
	}
}

func TestTable_holdsEveryRouteThatIsRegistered(t *testing.T) {
	t.Parallel()

	h := open(t)
	if strays := strays(h.server); strays != nil {
		t.Errorf("routes without a row in the table: %v", strays)
	}
	h.do(accounts.Public, "GET", "/healthz", "") // the server has begun: it reads its routes no more
	h.server.AddBehindTheTable("GET", "/api/v1/backdoor")
	if got := strays(h.server); !slices.Equal(got, []string{"GET /api/v1/backdoor"}) {
		t.Errorf("this test does not see a route that is not in the table: strays = %v", got)
	}
}

// strays lists the registered routes that are not in the table.
func strays(s *server.Server) []string {
	tabled := map[string]bool{}
	for _, r := range s.Table() {
		tabled[r.Method+" "+r.Path] = true
	}
	var strays []string
	for _, route := range s.Registered() {
		if !tabled[route] {
			strays = append(strays, route)
		}
	}
	return strays
}

var parameter = regexp.MustCompile(`:\w+`)

// Every route is walked with every role, and with none: what the table forbids
// is refused before any handler is asked, and what it allows is not.
func TestTable_isKeptForEveryRoleOnEveryRoute(t *testing.T) {
	t.Parallel()

	h := open(t, withEndpoints)
	for _, r := range h.server.Table() {
		if r.Path == "/api/v1/stream" {
			continue // endless; TestStream_needsARole walks it
		}
		target := parameter.ReplaceAllString(r.Path, "1")
		for _, role := range roles {
			got := h.do(role, r.Method, target, "").status
			switch {
			case role.May(r.Role) && (got == 401 || got == 403):
				t.Errorf("%s %s as %s = %d; the table allows it", r.Method, r.Path, role, got)
			case !role.May(r.Role) && role == accounts.Public && got != 401:
				t.Errorf("%s %s without credentials = %d; want 401", r.Method, r.Path, got)
			case !role.May(r.Role) && role != accounts.Public && got != 403:
				t.Errorf("%s %s as %s = %d; want 403", r.Method, r.Path, role, got)
			}
		}
	}
}

// A token of a vendor's dialect opens that dialect's own calls, which look at
// credentials by themselves, and none of the table. A standard token is one of
// ours: its role decides.
func TestTable_isClosedToTokensOfVendorsDialects(t *testing.T) {
	t.Parallel()

	h := open(t, func(_ *server.Config, _ *server.Services, mounts *[]server.Mount) {
		*mounts = append(*mounts, server.Mount{Name: "other", Prefixes: []string{"/other"}, Routes: []server.Route{
			{Method: "GET", Path: "/open", Role: accounts.Public, Handle: func(context.Context, server.Request) server.Response { return server.Response{} }},
			{Method: "GET", Path: "/own", Own: true, Handle: func(context.Context, server.Request) server.Response { return server.Response{} }},
		}})
	})
	for _, dialect := range []string{"actionstep", "keap", "accelo", "standard"} {
		secret, _, err := h.accounts.CreateToken(t.Context(), accounts.Identity{Name: "test"}, accounts.TokenRequest{Name: "hooks", Role: accounts.Operator, Dialect: dialect})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range h.server.Table() {
			if r.Path == "/api/v1/stream" {
				continue // endless; TestStream_needsARole asks it
			}
			a := h.do(accounts.Public, r.Method, parameter.ReplaceAllString(r.Path, "1"), "", "Authorization", "Bearer "+secret)
			foreign := dialect != "standard" && r.API != "root" && r.Path != "/other/own"
			switch told := strings.Contains(a.body, `"code":"other_dialect"`) && strings.Contains(a.body, "the REST hooks of "+dialect); {
			case foreign && (a.status != 403 || !told):
				t.Errorf("%s %s with a token of %s = %d %s; want 403 that says what the token is for", r.Method, r.Path, dialect, a.status, a.body)
			case !foreign && told, accounts.Operator.May(r.Role) && !foreign && (a.status == 401 || a.status == 403):
				t.Errorf("%s %s with a token of %s = %d %s; want it let through", r.Method, r.Path, dialect, a.status, a.body)
			}
		}
	}
}

func TestStream_needsARole(t *testing.T) {
	t.Parallel()

	h := open(t)
	if got := h.do(accounts.Public, "GET", "/api/v1/stream", ""); got.status != 401 {
		t.Errorf("GET /stream without credentials = %d; want 401", got.status)
	}
	secret, _, err := h.accounts.CreateToken(t.Context(), accounts.Identity{Name: "test"}, accounts.TokenRequest{Name: "hooks", Role: accounts.Operator, Dialect: "keap"})
	if err != nil {
		t.Fatal(err)
	}
	if got := h.do(accounts.Public, "GET", "/api/v1/stream", "", "Authorization", "Bearer "+secret); got.status != 403 {
		t.Errorf("GET /stream with a token of Keap = %d; want 403", got.status)
	}
}
