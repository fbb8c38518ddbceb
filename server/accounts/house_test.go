package accounts_test

import (
	"errors"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"hooktree/server/accounts"
	"hooktree/store/memory"
)

// terms are of four dialects that differ in all that terms may differ in.
var terms = map[string]accounts.Terms{
	"accelo": {
		Access: 30 * 24 * time.Hour, Allowed: 90 * 24 * time.Hour,
		Scope: "read(all)", Scopes: regexp.MustCompile(`^(read|write)\([a-z]+\)$`),
	},
	"actionstep": {
		Access: time.Hour, Refresh: 21 * 24 * time.Hour, Allowed: 21 * 24 * time.Hour,
		Scope: "all", Scopes: regexp.MustCompile(`^[a-z]+$`),
	},
	"keap": {
		Access: 24 * time.Hour, Refresh: 45 * 24 * time.Hour, Allowed: 45 * 24 * time.Hour,
		Scope: "full", Scopes: regexp.MustCompile(`^full$`), ImpliedCode: true,
	},
	"standard": {
		Access: time.Hour, Allowed: 45 * 24 * time.Hour, Scope: "hooks", Scopes: regexp.MustCompile(`^hooks$`),
	},
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// house is a service over a store in memory, with a clock that tests set.
type house struct {
	*accounts.Service

	t     *testing.T
	store *memory.Accounts
	mu    sync.Mutex
	at    time.Time
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, store: &memory.Accounts{}, at: noon}
	h.Service = accounts.New(h.store, h.now, terms)
	return h
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

const password = "correct horse"

var (
	root = accounts.Identity{Name: "root", Role: accounts.Admin}
	from = netip.MustParseAddr("192.0.2.1")
)

// add makes a user with the password of all tests.
func (h *house) add(name string, role accounts.Role) {
	h.t.Helper()
	secret := password
	if _, err := h.CreateUser(h.t.Context(), root, name, accounts.UserEdit{Role: &role, Password: &secret}); err != nil {
		h.t.Fatalf("CreateUser(%s) = %v", name, err)
	}
}

func (h *house) password(name, secret string) (accounts.Identity, error) {
	return h.Password(h.t.Context(), accounts.Login{Name: name, Password: secret, Remote: from})
}

func (h *house) token(role accounts.Role, expires time.Time) (secret string, token accounts.Token) {
	h.t.Helper()
	secret, token, err := h.CreateToken(h.t.Context(), root, accounts.TokenRequest{Name: "portal", Role: role, Expires: expires})
	if err != nil {
		h.t.Fatalf("CreateToken = %v", err)
	}
	return secret, token
}

func (h *house) wantDenied(what string, err error) {
	h.t.Helper()
	if !errors.Is(err, accounts.ErrDenied) {
		h.t.Errorf("%s = %v; want ErrDenied", what, err)
	}
}

func (h *house) wantAudit(want string) {
	h.t.Helper()
	var rows []string
	for _, a := range h.store.Audits() {
		rows = append(rows, a.Who+" "+a.Did+" "+a.What)
	}
	if got := strings.Join(rows, "; "); got != want {
		h.t.Errorf("audit = %s; want %s", got, want)
	}
}
