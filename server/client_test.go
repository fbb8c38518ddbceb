package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"hooktree/server/accounts"
)

func TestClients_workUntilTheyAreRevoked(t *testing.T) {
	t.Parallel()

	h := open(t)
	made := h.do(accounts.Admin, "POST", "/api/v1/clients", `{"name":"portal","dialect":"keap","owner":{"id":7,"name":"Desk"}}`)
	var told struct{ ID, Secret, RefreshToken string }
	if err := json.Unmarshal([]byte(made.body), &told); err != nil || made.status != 201 || !strings.HasPrefix(told.RefreshToken, "hr_") {
		t.Fatalf("POST /clients = %d %s; want 201 with a refresh token", made.status, made.body)
	}
	client, err := h.accounts.Client(t.Context(), "keap", accounts.Login{Name: told.ID, Password: told.Secret})
	if err != nil || client.By != "admin" {
		t.Errorf("the secret gives %+v, %v; want the client that admin made", client, err)
	}
	if _, err := h.accounts.Issue(t.Context(), client, 0); err != nil {
		t.Fatal(err)
	}
	list := func() string { return h.do(accounts.Admin, "GET", "/api/v1/clients", "").body }
	if got := list(); !strings.Contains(got, told.ID) || strings.Contains(got, told.Secret) || strings.Contains(got, "revokedAt") {
		t.Errorf("GET /clients = %s; want the client without its secret", got)
	}
	if got := h.do(accounts.Admin, "GET", "/api/v1/tokens", "").body; !strings.Contains(got, fmt.Sprintf(`"client":%q`, told.ID)) {
		t.Errorf("GET /tokens = %s; want the client's token, with its client", got)
	}
	if got := h.do(accounts.Admin, "DELETE", "/api/v1/clients/"+told.ID, ""); got.status != 204 {
		t.Errorf("DELETE = %d %s", got.status, got.body)
	}
	if got := list(); !strings.Contains(got, "revokedAt") {
		t.Errorf("GET /clients = %s; want the client revoked", got)
	}
	checkProblem(t, h.do(accounts.Admin, "DELETE", "/api/v1/clients/nobody", ""), 404, "not_found", "client")
	if log := h.log.String(); strings.Contains(log, told.Secret) || strings.Contains(log, told.RefreshToken) {
		t.Error("the log holds a secret")
	}
}

func TestClients_areRefusedWithTheMemberThatIsWrong(t *testing.T) {
	t.Parallel()

	h := open(t)
	for body, part := range map[string]string{
		`{"name":"portal","dialect":"zapier","owner":{"id":7,"name":"Desk"}}`: "give accelo or keap",
		`{"name":"portal","dialect":"keap","owner":{"id":7,"name":""}}`:       "body/owner",
		`{"name":"","dialect":"keap","owner":{"id":7,"name":"Desk"}}`:         "body/name",
		`{"name":"portal","dialect":"keap"}`:                                  "owner",
	} {
		if a := h.do(accounts.Admin, "POST", "/api/v1/clients", body); a.status != 422 || !strings.Contains(a.body, part) {
			t.Errorf("POST %s = %d %s; want 422 and %q", body, a.status, a.body, part)
		}
	}
	if a := h.do(accounts.Admin, "GET", "/api/v1/clients?limit=5", ""); a.body != `{"clients":[]}`+"\n" && a.body != `{"clients":[]}` {
		t.Errorf("GET /clients = %s; want none", a.body)
	}
}

func TestClients_areListedInPages(t *testing.T) {
	t.Parallel()

	h := open(t)
	for range 3 {
		h.do(accounts.Admin, "POST", "/api/v1/clients", `{"name":"portal","dialect":"accelo","owner":{"id":7,"name":"Desk"}}`)
	}
	seen, cursor := 0, ""
	for range 2 {
		var page struct {
			Clients []struct{ ID string }
			Next    string
		}
		if err := json.Unmarshal([]byte(h.do(accounts.Admin, "GET", "/api/v1/clients?limit=2"+cursor, "").body), &page); err != nil {
			t.Fatal(err)
		}
		seen, cursor = seen+len(page.Clients), "&cursor="+page.Next
	}
	if seen != 3 {
		t.Errorf("two pages of two list %d clients; want 3", seen)
	}
}
