package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hooktree/server/accounts"
)

func TestRole_eachMayWhatThoseBeforeItMay(t *testing.T) {
	t.Parallel()

	order := []accounts.Role{accounts.Public, accounts.Viewer, accounts.Operator, accounts.Author, accounts.Admin}
	for i, r := range order {
		for j, need := range order {
			if got := r.May(need); got != (i >= j) {
				t.Errorf("%s.May(%s) = %t; want %t", r, need, got, i >= j)
			}
		}
	}
	for _, name := range []string{"", "public", "root", "Admin", "admin "} {
		if _, err := accounts.ParseRole(name); err == nil {
			t.Errorf("ParseRole(%q) gave no error", name)
		}
	}
}

func TestStart_makesTheAdminOfAnEmptySpaceFromThePassword(t *testing.T) {
	t.Parallel()

	h := open(t)
	setup, err := h.Start(t.Context(), password)
	if err != nil || setup != "" {
		t.Fatalf("Start = %q, %v; want neither", setup, err)
	}
	id, err := h.password("admin", password)
	if err != nil || id.Role != accounts.Admin || id.Credential != "user:admin" {
		t.Errorf("Password = %+v, %v; want the admin", id, err)
	}
	h.wantAudit("setup user.create admin")

	// A later start, with another password, changes nothing.
	if setup, err := h.Start(t.Context(), "another one"); err != nil || setup != "" {
		t.Errorf("a second Start = %q, %v; want neither", setup, err)
	}
	_, err = h.password("admin", "another one")
	h.wantDenied("the password of a later start", err)
}

func TestStart_refusesAPasswordThatIsTooShort(t *testing.T) {
	t.Parallel()

	_, err := open(t).Start(t.Context(), "short")
	if invalid, ok := errors.AsType[*accounts.InvalidError](err); !ok || invalid.Field != "password" {
		t.Errorf("Start = %v; want an invalid password", err)
	}
}

func TestSetUp_worksOnceByTheSecretOfTheLink(t *testing.T) {
	t.Parallel()

	h := open(t)
	secret, err := h.Start(t.Context(), "")
	if err != nil || len(secret) < 40 {
		t.Fatalf("Start = %q, %v; want a secret", secret, err)
	}
	login := accounts.Login{Name: "Ada", Password: password}
	h.wantDenied("SetUp by another secret", h.SetUp(t.Context(), secret+"x", login))
	if err := h.SetUp(t.Context(), secret, accounts.Login{Name: "ada", Password: "short"}); err == nil {
		t.Error("SetUp took a short password")
	}
	if err := h.SetUp(t.Context(), secret, login); err != nil {
		t.Fatalf("SetUp = %v", err)
	}
	if id, err := h.password("ada", password); err != nil || id.Role != accounts.Admin {
		t.Errorf("Password = %+v, %v; want the admin, under a name in lower case", id, err)
	}
	if err := h.SetUp(t.Context(), secret, accounts.Login{Name: "eve", Password: password}); !errors.Is(err, accounts.ErrSetUp) {
		t.Errorf("a second SetUp = %v; want ErrSetUp", err)
	}
}

func TestUsers_keepAnActiveAdmin(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.add("ada", accounts.Admin)
	h.add("bob", accounts.Viewer)
	off, viewer := true, accounts.Viewer
	for name, edit := range map[string]accounts.UserEdit{"disabled": {Disabled: &off}, "demoted": {Role: &viewer}} {
		if _, err := h.UpdateUser(t.Context(), root, "ada", 0, edit); !errors.Is(err, accounts.ErrLastAdmin) {
			t.Errorf("the last admin %s = %v; want ErrLastAdmin", name, err)
		}
	}
	if err := h.DropUser(t.Context(), root, "ada", 0); !errors.Is(err, accounts.ErrLastAdmin) {
		t.Errorf("the last admin dropped = %v; want ErrLastAdmin", err)
	}
	if err := h.DropUser(t.Context(), root, "bob", 0); err != nil {
		t.Errorf("DropUser of a viewer = %v", err)
	}
}

func TestUsers_refuseWhatMakesNoSense(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.add("ada", accounts.Admin)
	good, role, public := password, accounts.Viewer, accounts.Public
	long := strings.Repeat("p", accounts.MaxPassword+1)
	for _, tt := range []struct {
		name, user string
		edit       accounts.UserEdit
		field      string
	}{
		{"an empty name", "", accounts.UserEdit{Role: &role, Password: &good}, "name"},
		{"a name with a slash", "a/b", accounts.UserEdit{Role: &role, Password: &good}, "name"},
		{"a name of 65 letters", strings.Repeat("a", 65), accounts.UserEdit{Role: &role, Password: &good}, "name"},
		{"no role", "bob", accounts.UserEdit{Password: &good}, "role"},
		{"the role of nobody", "bob", accounts.UserEdit{Role: &public, Password: &good}, "role"},
		{"no password", "bob", accounts.UserEdit{Role: &role}, "password"},
		{"a long password", "bob", accounts.UserEdit{Role: &role, Password: &long}, "password"},
	} {
		_, err := h.CreateUser(t.Context(), root, tt.user, tt.edit)
		if invalid, ok := errors.AsType[*accounts.InvalidError](err); !ok || invalid.Field != tt.field {
			t.Errorf("%s: CreateUser = %v; want an invalid %s", tt.name, err, tt.field)
		}
	}
	if _, err := h.CreateUser(t.Context(), root, "ADA", accounts.UserEdit{Role: &role, Password: &good}); !errors.Is(err, accounts.ErrExists) {
		t.Errorf("a taken name in other case = %v; want ErrExists", err)
	}
	if _, err := h.UpdateUser(t.Context(), root, "ada", 7, accounts.UserEdit{}); !errors.Is(err, accounts.ErrStale) {
		t.Errorf("a change of another revision = %v; want ErrStale", err)
	}
}

// A credential that was verified is remembered; a change of the account behind
// it must be felt by the very next request.
func TestService_forgetsACredentialWhenItsAccountChanges(t *testing.T) {
	t.Parallel()

	ctx := t.Context()
	h := open(t)
	h.add("root", accounts.Admin)
	h.add("ada", accounts.Author)
	cookie, _, err := h.Login(ctx, accounts.Login{Name: "ada", Password: password, Remote: from})
	if err != nil {
		t.Fatalf("Login = %v", err)
	}
	if id, err := h.Session(ctx, []byte(cookie)); err != nil || id.Role != accounts.Author || !id.Session {
		t.Fatalf("Session = %+v, %v; want ada's", id, err)
	}

	operator := accounts.Operator
	if _, err := h.UpdateUser(ctx, root, "ada", 0, accounts.UserEdit{Role: &operator}); err != nil {
		t.Fatalf("UpdateUser = %v", err)
	}
	if id, err := h.password("ada", password); err != nil || id.Role != accounts.Operator {
		t.Errorf("Password after a demotion = %+v, %v; want the new role", id, err)
	}
	_, err = h.Session(ctx, []byte(cookie))
	h.wantDenied("the session of before a demotion", err)

	off := true
	if _, err := h.UpdateUser(ctx, root, "ada", 0, accounts.UserEdit{Disabled: &off}); err != nil {
		t.Fatalf("UpdateUser = %v", err)
	}
	_, err = h.password("ada", password)
	h.wantDenied("the password of a disabled user", err)
}

// Another process, such as a command beside a running server, changes what
// this one remembers.
func TestService_noticesWhatAnotherProcessChanges(t *testing.T) {
	t.Parallel()

	off, other := true, "another password"
	admin := accounts.Admin
	for name, tt := range map[string]struct {
		change func(*house, *accounts.Service, accounts.Token) error
		want   map[string]accounts.Role // what still works, by credential
	}{
		"a token that is revoked": {
			func(h *house, beside *accounts.Service, token accounts.Token) error {
				return beside.RevokeToken(h.t.Context(), root, token.ID)
			},
			map[string]accounts.Role{"password": accounts.Viewer, "session": accounts.Viewer},
		},
		"a user who is disabled": {
			func(h *house, beside *accounts.Service, _ accounts.Token) error {
				_, err := beside.UpdateUser(h.t.Context(), root, "bob", 0, accounts.UserEdit{Disabled: &off})
				return err
			},
			map[string]accounts.Role{"token": accounts.Operator},
		},
		"a password that is changed": {
			func(h *house, beside *accounts.Service, _ accounts.Token) error {
				_, err := beside.UpdateUser(h.t.Context(), root, "bob", 0, accounts.UserEdit{Password: &other})
				return err
			},
			map[string]accounts.Role{"token": accounts.Operator},
		},
		"a user who was dropped and made again": {
			func(h *house, beside *accounts.Service, _ accounts.Token) error {
				if err := beside.DropUser(h.t.Context(), root, "bob", 0); err != nil {
					return err
				}
				_, err := beside.CreateUser(h.t.Context(), root, "bob", accounts.UserEdit{Role: &admin, Password: &other})
				return err
			},
			map[string]accounts.Role{"token": accounts.Operator},
		},
		"nothing": {
			func(*house, *accounts.Service, accounts.Token) error { return nil },
			map[string]accounts.Role{"token": accounts.Operator, "password": accounts.Viewer, "session": accounts.Viewer},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := open(t)
			h.add("ada", accounts.Admin)
			h.add("bob", accounts.Viewer)
			secret, token := h.token(accounts.Operator, time.Time{})
			cookie, _, err := h.Login(t.Context(), accounts.Login{Name: "bob", Password: password, Remote: from})
			if err != nil {
				t.Fatalf("Login = %v", err)
			}
			credentials := map[string]func() (accounts.Identity, error){
				"token":    func() (accounts.Identity, error) { return h.Bearer(t.Context(), []byte(secret)) },
				"password": func() (accounts.Identity, error) { return h.password("bob", password) },
				"session":  func() (accounts.Identity, error) { return h.Session(t.Context(), []byte(cookie)) },
			}
			for what, ask := range credentials {
				if _, err := ask(); err != nil {
					t.Fatalf("%s before the change = %v", what, err)
				}
			}
			if err := tt.change(h, accounts.New(h.store, h.now, nil), token); err != nil {
				t.Fatalf("the change = %v", err)
			}
			h.advance(accounts.Noticed)
			for what, ask := range credentials {
				id, err := ask()
				if role, works := tt.want[what]; works && (err != nil || id.Role != role) {
					t.Errorf("%s = %+v, %v; want a %s", what, id, err, role)
				} else if !works {
					h.wantDenied(what, err)
				}
			}
		})
	}
}

func TestLogin_andLogout(t *testing.T) {
	t.Parallel()

	ctx := t.Context()
	h := open(t)
	h.add("ada", accounts.Admin)
	cookie, id, err := h.Login(ctx, accounts.Login{Name: "ada", Password: password, Remote: from})
	if err != nil {
		t.Fatalf("Login = %v", err)
	}
	if err := h.Logout(ctx, id, cookie); err != nil {
		t.Fatalf("Logout = %v", err)
	}
	_, err = h.Session(ctx, []byte(cookie))
	h.wantDenied("a session that was ended", err)
	h.wantAudit("root user.create ada; ada session.start ada; ada session.end ada")
}

func TestSession_ends(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.add("ada", accounts.Admin)
	cookie, _, err := h.Login(t.Context(), accounts.Login{Name: "ada", Password: password, Remote: from})
	if err != nil {
		t.Fatalf("Login = %v", err)
	}
	h.advance(accounts.SessionLife - time.Second)
	if _, err := h.Session(t.Context(), []byte(cookie)); err != nil {
		t.Errorf("a second before its end: Session = %v", err)
	}
	h.advance(time.Second) // remembered, but not beyond the session's end
	_, err = h.Session(t.Context(), []byte(cookie))
	h.wantDenied("a session at its end", err)
}

func TestBearer_endsWithExpiryAndRevocation(t *testing.T) {
	t.Parallel()

	ctx := t.Context()
	h := open(t)
	short, _ := h.token(accounts.Viewer, noon.Add(time.Minute))
	long, token := h.token(accounts.Operator, time.Time{})
	for _, secret := range []string{short, long} {
		if _, err := h.Bearer(ctx, []byte(secret)); err != nil {
			t.Fatalf("Bearer = %v", err)
		}
	}
	h.advance(time.Minute)
	_, err := h.Bearer(ctx, []byte(short))
	h.wantDenied("a token that has expired", err)

	id, err := h.Bearer(ctx, []byte(long))
	if err != nil || id.Credential != "token:"+token.ID || id.Role != accounts.Operator {
		t.Errorf("Bearer = %+v, %v; want the operator's token", id, err)
	}
	for range 2 { // revoking twice changes nothing
		if err := h.RevokeToken(ctx, root, token.ID); err != nil {
			t.Fatalf("RevokeToken = %v", err)
		}
	}
	_, err = h.Bearer(ctx, []byte(long))
	h.wantDenied("a token that was revoked", err)
	h.advance(-time.Minute)
	_, err = h.Bearer(ctx, []byte("ht_nonsense"))
	h.wantDenied("a secret of nobody", err)
}

func TestCreateToken_refusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()

	h := open(t)
	for name, want := range map[string]accounts.TokenRequest{
		"name":      {Role: accounts.Viewer},
		"role":      {Name: "x"},
		"expiresAt": {Name: "x", Role: accounts.Viewer, Expires: noon},
	} {
		_, _, err := h.CreateToken(t.Context(), root, want)
		if invalid, ok := errors.AsType[*accounts.InvalidError](err); !ok || invalid.Field != name {
			t.Errorf("CreateToken(%+v) = %v; want an invalid %s", want, err, name)
		}
	}
}

// The store holds hashes: whoever reads it cannot sign in.
func TestService_keepsNoSecret(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.add("ada", accounts.Admin)
	secret, _ := h.token(accounts.Admin, time.Time{})
	cookie, _, err := h.Login(t.Context(), accounts.Login{Name: "ada", Password: password, Remote: from})
	if err != nil {
		t.Fatalf("Login = %v", err)
	}
	kept := fmt.Sprintf("%+v", h.store)
	for _, text := range []string{password, secret, cookie} {
		if strings.Contains(kept, text) {
			t.Errorf("the store holds the secret %s", text)
		}
	}
	if !strings.Contains(kept, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Error("the store holds no argon2id hash of 19 MiB and two passes")
	}
}

func TestPassword_isThrottledAfterTenFailures(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.add("ada", accounts.Admin)
	for range 10 {
		_, err := h.password("ada", "a wrong one")
		h.wantDenied("a wrong password", err)
	}
	_, err := h.password("ada", password)
	throttled, ok := errors.AsType[*accounts.ThrottledError](err)
	if !ok || throttled.RetryAfter != 5*time.Minute {
		t.Fatalf("the eleventh login = %v; want to wait five minutes", err)
	}
	elsewhere := accounts.Login{Name: "ada", Password: password, Remote: netip.MustParseAddr("198.51.100.7")}
	if _, err := h.Password(t.Context(), elsewhere); err != nil {
		t.Errorf("a login from elsewhere = %v; want it to be let through", err)
	}
	h.advance(5 * time.Minute)
	if _, err := h.password("ada", password); err != nil {
		t.Errorf("after five minutes = %v", err)
	}
}

func TestPassword_aLoginThatWaitsEndsWithItsRequest(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.add("ada", accounts.Admin)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// Two may be checked at a time; of many at once with a request that is
	// over, each is either checked or ended, and none is taken for wrong.
	results := make(chan error, 20)
	for i := range cap(results) {
		go func() {
			_, err := h.Password(ctx, accounts.Login{Name: "ada", Password: password, Remote: netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})})
			results <- err
		}()
	}
	for range cap(results) {
		if err := <-results; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Password = %v; want success or the request's end", err)
		}
	}
}
