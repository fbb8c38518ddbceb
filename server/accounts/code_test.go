package accounts_test

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"hooktree/server/accounts"
)

// grace is a user who is signed in.
func (h *house) grace() accounts.Identity {
	h.t.Helper()
	h.add("grace", accounts.Operator)
	return accounts.Identity{Name: "grace", Role: accounts.Operator, Credential: "user:grace", Session: true}
}

// allow lets an application in and gives the code.
func (h *house) allow(by accounts.Identity, ask accounts.AuthorizationRequest) string {
	h.t.Helper()
	address, err := h.Allow(h.t.Context(), by, ask)
	if err != nil {
		h.t.Fatalf("Allow = %v", err)
	}
	back, err := url.Parse(address)
	if err != nil || back.Query().Get("state") != ask.State || !strings.HasPrefix(back.Query().Get("code"), "hc_") {
		h.t.Fatalf("the browser goes to %s, %v; want a code and the state", address, err)
	}
	return back.Query().Get("code")
}

func exchange(code string) accounts.Exchange {
	return accounts.Exchange{Code: code, Redirect: callback, Verifier: verifier}
}

func (h *house) exchange(app application, code string) accounts.Grant {
	h.t.Helper()
	grant, err := h.Exchange(h.t.Context(), app.Client, exchange(code))
	if err != nil {
		h.t.Fatalf("Exchange = %v", err)
	}
	return grant
}

func TestExchange_givesTokensInTheNameOfWhoAllowedIt(t *testing.T) {
	t.Parallel()

	for _, dialect := range []string{"actionstep", "keap", "accelo", "standard"} {
		h := open(t)
		by, app := h.grace(), h.application(dialect, callback)
		grant := h.exchange(app, h.allow(by, app.ask()))
		id, err := h.Bearer(t.Context(), []byte(grant.Access))
		if err != nil || id.Dialect != dialect || id.Owner.Name != "grace" || id.Owner != grant.Owner || id.Owner.ID < 1<<52 || id.Role != accounts.Operator {
			t.Errorf("%s: the token is of %+v, %v; want grace's", dialect, id, err)
		}
		terms := h.Terms(dialect)
		if grant.Scope != terms.Scope || grant.Life != terms.Access {
			t.Errorf("%s: the grant is %+v", dialect, grant)
		}
		h.advance(terms.Allowed - time.Second)
		next := h.renew(app.Client, grant.Refresh)
		if id, err = h.Bearer(t.Context(), []byte(next.Access)); err != nil || id.Owner != grant.Owner || next.Scope != grant.Scope || next.Owner != grant.Owner {
			t.Errorf("%s: renewed, the token is of %+v, %v; want the same", dialect, id, err)
		}
		h.advance(terms.Allowed)
		h.wantGrantRefused("a refresh token past its time", app.Client, next.Refresh)
		h.wantAudit("root user.create grace; root client.create " + app.ID + "; grace client.allow " + app.ID)
	}
}

func TestExchange_refusesACodeThatIsNotGood(t *testing.T) {
	t.Parallel()

	for what, change := range map[string]func(h *house, app *application, sent *accounts.Exchange){
		"unknown":               func(_ *house, _ *application, sent *accounts.Exchange) { sent.Code += "x" },
		"empty":                 func(_ *house, _ *application, sent *accounts.Exchange) { sent.Code = "" },
		"over":                  func(h *house, _ *application, _ *accounts.Exchange) { h.advance(accounts.CodeLife) },
		"another client's":      func(h *house, app *application, _ *accounts.Exchange) { *app = h.application("keap", callback) },
		"another dialect's":     func(h *house, app *application, _ *accounts.Exchange) { *app = h.application("accelo", callback) },
		"for another redirect":  func(_ *house, _ *application, sent *accounts.Exchange) { sent.Redirect = callback + "/" },
		"without its redirect":  func(_ *house, _ *application, sent *accounts.Exchange) { sent.Redirect = "" },
		"without its verifier":  func(_ *house, _ *application, sent *accounts.Exchange) { sent.Verifier = "" },
		"with another verifier": func(_ *house, _ *application, sent *accounts.Exchange) { sent.Verifier = verifier + "A" },
		"with its challenge":    func(_ *house, _ *application, sent *accounts.Exchange) { sent.Verifier = challenge },
	} {
		h := open(t)
		by, app := h.grace(), h.application("keap", callback)
		code := h.allow(by, app.ask())
		sent, as := exchange(code), app
		change(h, &as, &sent)
		if grant, err := h.Exchange(t.Context(), as.Client, sent); !errors.Is(err, accounts.ErrCode) || grant != (accounts.Grant{}) {
			t.Errorf("a code that is %s gave %+v, %v; want ErrCode", what, grant, err)
		}
		if what != "over" { // whoever tries it in vain does not take it from its client
			h.exchange(app, code)
		}
	}
}

func TestExchange_isBoundToPKCEAsItWasAsked(t *testing.T) {
	t.Parallel()

	h := open(t)
	by, app := h.grace(), h.application("keap", callback)
	ask := app.ask()
	ask.Challenge, ask.Method = "", ""
	code := h.allow(by, ask)
	if _, err := h.Exchange(t.Context(), app.Client, exchange(code)); !errors.Is(err, accounts.ErrCode) {
		t.Errorf("a verifier where there was no challenge gave %v; want ErrCode", err)
	}
	if _, err := h.Exchange(t.Context(), app.Client, accounts.Exchange{Code: code, Redirect: callback}); err != nil {
		t.Errorf("neither challenge nor verifier gave %v", err)
	}
}

func TestExchange_takesTheRegisteredRedirectWhereNoneWasAsked(t *testing.T) {
	t.Parallel()

	h := open(t)
	by, app := h.grace(), h.application("accelo", callback)
	ask := app.ask()
	ask.Redirect = ""
	for redirect, want := range map[string]error{"": nil, callback: nil, callback + "/": accounts.ErrCode} {
		sent := exchange(h.allow(by, ask))
		sent.Redirect = redirect
		if _, err := h.Exchange(t.Context(), app.Client, sent); !errors.Is(err, want) {
			t.Errorf("the redirect_uri %q gave %v; want %v", redirect, err, want)
		}
	}
}

func TestExchange_endsWhatACodeGaveWhenItIsUsedAgain(t *testing.T) {
	t.Parallel()

	h := open(t)
	by, app := h.grace(), h.application("keap", callback)
	code := h.allow(by, app.ask())
	first, other := h.exchange(app, code), h.exchange(app, h.allow(by, app.ask()))
	second := h.renew(app.Client, first.Refresh)
	stranger := h.application("keap", callback)
	if _, err := h.Exchange(t.Context(), stranger.Client, exchange(code)); !errors.Is(err, accounts.ErrCode) || !h.works(first.Access) {
		t.Errorf("a used code in a stranger's hand gave %v, and ended the tokens: %t", err, !h.works(first.Access))
	}
	h.advance(time.Hour) // it is known for longer than it is good
	if _, err := h.Exchange(t.Context(), app.Client, exchange(code)); !errors.Is(err, accounts.ErrCode) {
		t.Errorf("a used code gave %v; want ErrCode", err)
	}
	if h.works(first.Access) || h.works(second.Access) {
		t.Error("a code was used again, and what it gave works on")
	}
	h.wantGrantRefused("a refresh token of a code that was used again", app.Client, second.Refresh)
	if !h.works(other.Access) {
		t.Error("the tokens of another consent ended, too")
	}
}

// Of many who use one code at once, none keeps a token but the one, and the
// others end it.
func TestExchange_givesOnceToManyAtOnce(t *testing.T) {
	t.Parallel()

	h := open(t)
	by, app := h.grace(), h.application("keap", callback)
	code := h.allow(by, app.ask())
	var mu sync.Mutex
	var given []accounts.Grant
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			grant, err := h.Exchange(t.Context(), app.Client, exchange(code))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				given = append(given, grant)
			} else if !errors.Is(err, accounts.ErrCode) {
				t.Errorf("Exchange = %v; want ErrCode", err)
			}
		})
	}
	all.Wait()
	if len(given) != 1 || h.works(given[0].Access) {
		t.Errorf("one code gave %d grants, and they work on", len(given))
	}
}

func TestAllow_isForUsersWithTheRole(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.add("ada", accounts.Admin)
	h.add("guest", accounts.Viewer)
	app := h.application("keap", callback)
	for what, tt := range map[string]struct {
		by   accounts.Identity
		want error
	}{
		"a token":            {accounts.Identity{Name: "ada", Role: accounts.Admin, Credential: "token:1"}, accounts.ErrNoUser},
		"nobody":             {accounts.Identity{}, accounts.ErrNoUser},
		"a viewer":           {accounts.Identity{Name: "guest", Role: accounts.Viewer, Credential: "user:guest"}, accounts.ErrDenied},
		"a user who is gone": {accounts.Identity{Name: "gone", Role: accounts.Admin, Credential: "user:gone"}, accounts.ErrDenied},
		"an admin":           {accounts.Identity{Name: "ada", Role: accounts.Admin, Credential: "user:ada"}, nil},
	} {
		if address, err := h.Allow(t.Context(), tt.by, app.ask()); !errors.Is(err, tt.want) || (err == nil) != (address != "") {
			t.Errorf("%s let an application in: %q, %v; want %v", what, address, err, tt.want)
		}
	}
}

// What a user allowed ends with the user, and does not pass to the next one of
// the same name.
func TestExchange_lastsAsLongAsItsUser(t *testing.T) {
	t.Parallel()

	viewer, disabled := accounts.Viewer, true
	for what, end := range map[string]func(h *house) error{
		"demoted":  func(h *house) error { return h.edit("grace", accounts.UserEdit{Role: &viewer}) },
		"disabled": func(h *house) error { return h.edit("grace", accounts.UserEdit{Disabled: &disabled}) },
		"removed":  func(h *house) error { return h.DropUser(h.t.Context(), root, "grace", 0) },
		"another": func(h *house) error {
			err := h.DropUser(h.t.Context(), root, "grace", 0)
			h.advance(time.Second)
			h.add("grace", accounts.Operator)
			return err
		},
	} {
		h := open(t)
		by, app := h.grace(), h.application("standard", callback)
		h.add("ada", accounts.Admin)
		code := h.allow(by, app.ask())
		grant := h.exchange(app, h.allow(by, app.ask()))
		if err := end(h); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if h.works(grant.Access) {
			t.Errorf("%s: the token works on", what)
		}
		h.wantGrantRefused(what, app.Client, grant.Refresh)
		if _, err := h.Exchange(t.Context(), app.Client, exchange(code)); !errors.Is(err, accounts.ErrCode) {
			t.Errorf("%s: the code gave %v; want ErrCode", what, err)
		}
	}
}

func (h *house) edit(name string, edit accounts.UserEdit) error {
	_, err := h.UpdateUser(h.t.Context(), root, name, 0, edit)
	return err
}

func TestRevokeClient_endsWhatUsersAllowed(t *testing.T) {
	t.Parallel()

	h := open(t)
	by, app := h.grace(), h.application("keap", callback)
	code := h.allow(by, app.ask())
	grant := h.exchange(app, h.allow(by, app.ask()))
	if err := h.RevokeClient(t.Context(), root, app.ID); err != nil {
		t.Fatal(err)
	}
	if h.works(grant.Access) {
		t.Error("the token of a revoked client works")
	}
	h.wantGrantRefused("a revoked client", app.Client, grant.Refresh)
	if _, err := h.Exchange(t.Context(), app.Client, exchange(code)); !errors.Is(err, accounts.ErrCode) {
		t.Errorf("the code of a revoked client gave %v; want ErrCode", err)
	}
}

// A client that only asks users does nothing by itself, and one without a
// secret shows none.
func TestClient_thatAsksUsersActsForNobodyElse(t *testing.T) {
	t.Parallel()

	h := open(t)
	app, public := h.application("keap", callback), h.application("standard", "http://127.0.0.1/callback")
	if _, err := h.Issue(t.Context(), app.Client, 0); !errors.Is(err, accounts.ErrNoOwner) {
		t.Errorf("a client without an owner was given tokens: %v", err)
	}
	for _, tt := range []struct {
		app    application
		secret string
		good   bool
	}{{app, app.secret, true}, {app, "", false}, {public, "", true}, {public, "guess", false}} {
		_, err := h.Client(t.Context(), tt.app.Dialect, accounts.Login{Name: tt.app.ID, Password: tt.secret, Remote: from})
		if tt.good != (err == nil) {
			t.Errorf("a client (public: %t) with secret %t gave %v", tt.app.Public, tt.secret != "", err)
		}
	}
}
