package main_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"hooktree/server/accounts"
)

// newClient makes a client of a dialect and gives what was printed.
func (b *binary) newClient(dialect string) (told struct {
	ID      string `json:"client_id"`
	Secret  string `json:"client_secret"`
	Refresh string `json:"refresh_token"`
},
) {
	b.t.Helper()
	out := must(b.t, "", "client", "create", "Booking sync", "--dialect", dialect, "--owner", "integrations", "--owner-id", "7", "--json", "--data", b.data)
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		b.t.Fatalf("client create printed %s: %v", out, err)
	}
	return told
}

func TestClient_getsItsTokensAtARunningServer(t *testing.T) {
	t.Parallel()

	b := newBinary(t, deskSpace)
	b.start()
	var all []string                          // secrets that were told
	var clients []string                      // ids
	last := map[string]func() (int, string){} // asks for tokens once more, by the token before
	hooks := map[string]string{"accelo": "/api/v0/webhooks/subscriptions", "keap": "/crm/rest/v1/hooks", "standard": "/api/v1/hooks"}
	for dialect, path := range map[string]string{
		"accelo": "/oauth2/v0/token", "actionstep": "/api/oauth/token", "keap": "/token", "standard": "/api/v1/oauth/token",
	} {
		client := b.newClient(dialect)
		login := func(r *http.Request) { r.SetBasicAuth(client.ID, client.Secret) }
		var told struct {
			Access   string `json:"access_token"`
			Refresh  string `json:"refresh_token"`
			Endpoint string `json:"api_endpoint"`
		}
		ask := func(body string) {
			status, answer, err := b.call(http.MethodPost, path, body, login)
			if err != nil || status != http.StatusOK || json.Unmarshal(answer, &told) != nil {
				t.Fatalf("%s: %s gave %d %s, %v", dialect, body, status, answer, err)
			}
		}
		ask(`{"grant_type":"client_credentials"}`)
		if client.Refresh != "" {
			ask(`{"grant_type":"refresh_token","refresh_token":"` + client.Refresh + `"}`)
		}
		if dialect == "actionstep" && told.Endpoint != "http://"+b.addr+"/api/" {
			t.Errorf("the API is said to be at %s", told.Endpoint)
		}
		all = append(all, client.Secret, told.Access)
		for other, at := range hooks {
			status, answer, err := b.call(http.MethodGet, at, "", bearer(told.Access))
			if good := status == http.StatusOK || status == http.StatusNoContent; err != nil || good != (other == dialect) {
				t.Errorf("a token of %s lists the hooks of %s: %d %s, %v", dialect, other, status, answer, err)
			}
		}
		want := http.StatusForbidden
		if dialect == "standard" {
			want = http.StatusOK
		}
		if got := b.status(bearer(told.Access)); got != want {
			t.Errorf("%s: the native API answers the token by %d; want %d", dialect, got, want)
		}
		if want == http.StatusForbidden {
			env := []string{"HOOKTREE_TOKEN=" + told.Access, "HOOKTREE_SERVER=http://" + b.addr}
			if code, _, errs := hooktree(t, env, deskEvent("desk", "e-1"), "fire", "-"); code != 1 || !strings.Contains(errs, "for the REST hooks of "+dialect+" alone") {
				t.Errorf("fire by a token of %s = %d, %q; want 1 and what the token is for", dialect, code, errs)
			}
		}
		clients = append(clients, client.ID)
		last[told.Access] = func() (int, string) {
			status, answer, err := b.call(http.MethodPost, path, `{"grant_type":"client_credentials"}`, login)
			if err != nil {
				t.Fatal(err)
			}
			return status, dialect + " " + string(answer)
		}
	}
	for _, id := range clients {
		said := must(t, "", "client", "revoke", id, "--data", b.data)
		if !strings.Contains(said, accounts.Noticed.String()) {
			t.Errorf("revoke says %q; want the time until it holds", said)
		}
	}
	for access, ask := range last {
		b.refusedWithin(accounts.Noticed+slack, bearer(access))
		if status, answer := ask(); status != http.StatusUnauthorized {
			t.Errorf("a revoked client is answered %d %s; want 401", status, answer)
		}
	}
	list := must(t, "", "client", "list", "--data", b.data)
	if strings.Count(list, "revoked") != 4 || strings.Count(list, "Booking sync") != 4 {
		t.Errorf("the list is to name four revoked clients:\n%s", list)
	}
	log := b.stop()
	for _, secret := range all {
		if strings.Contains(log, secret) || strings.Contains(list, secret) {
			t.Errorf("a secret stands in the log or the list")
		}
	}
}

func TestClient_isRefusedWithASentence(t *testing.T) {
	t.Parallel()

	b := newBinary(t, deskSpace)
	b.start()
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no dialect", []string{"create", "--owner", "x"}, 2, "--dialect"},
		{"no owner", []string{"create", "portal", "--dialect", "keap"}, 1, "give its owner's name, or redirect URIs"},
		{"a redirect URI without TLS", []string{"create", "portal", "--dialect", "keap", "--redirect-uri", "http://portal.example.com/"}, 1, "give https://HOST/PATH"},
		{"a public client with an owner", []string{"create", "portal", "--dialect", "keap", "--owner", "x", "--public", "--redirect-uri", "http://127.0.0.1/"}, 1, "and no owner"},
		{"an unknown dialect", []string{"create", "--dialect", "zapier", "--owner", "x"}, 2, "actionstep"},
		{"a negative number", []string{"create", "--dialect", "keap", "--owner", "x", "--owner-id=-1"}, 1, "not negative"},
		{"an unknown client", []string{"revoke", "nobody"}, 1, "hooktree client list"},
	} {
		code, _, errs := hooktree(t, nil, "", append(append([]string{"client"}, tt.args...), "--data", b.data)...)
		if code != tt.code || !strings.Contains(errs, tt.want) {
			t.Errorf("%s = %d, %q; want %d and %q", tt.name, code, errs, tt.code, tt.want)
		}
	}
	lines := must(t, "", "client", "create", "--dialect", "keap", "--owner", "x", "--data", b.data)
	for _, name := range []string{"client_id=", "client_secret=hcs_", "refresh_token=hr_"} {
		if !strings.Contains(lines, name) {
			t.Errorf("client create prints\n%s\nwant %s in it", lines, name)
		}
	}
	public := must(t, "", "client", "create", "desk", "--dialect", "keap", "--public", "--redirect-uri", "com.example.desk:/cb", "--data", b.data)
	if !strings.HasPrefix(public, "client_id=") || strings.Count(public, "\n") != 1 {
		t.Errorf("client create --public prints\n%s\nwant the client_id alone", public)
	}
	var told []struct {
		Name, State, Dialect string
		RedirectURIs         []string
	}
	if err := json.Unmarshal([]byte(must(t, "", "client", "list", "--json", "--data", b.data)), &told); err != nil || len(told) != 2 || told[0].Name != "x" || told[0].State != "active" || len(told[1].RedirectURIs) != 1 {
		t.Errorf("the list is %v, %v; want the client by its owner's name, and the public one", told, err)
	}
}
