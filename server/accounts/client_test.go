package accounts_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/server/accounts"
)

var desk = accounts.Owner{ID: 7, Name: "Service Desk", Email: "desk@example.com"}

// client makes a client of a dialect.
func (h *house) client(dialect string) (accounts.Client, accounts.ClientSecrets) {
	h.t.Helper()
	c, secrets, err := h.CreateClient(h.t.Context(), root, accounts.ClientRequest{Name: "portal", Dialect: dialect, Owner: desk})
	if err != nil {
		h.t.Fatalf("CreateClient(%s) = %v", dialect, err)
	}
	return c, secrets
}

// issue gives a client new tokens.
func (h *house) issue(c accounts.Client) accounts.Grant {
	h.t.Helper()
	grant, err := h.Issue(h.t.Context(), c, 0)
	if err != nil {
		h.t.Fatalf("Issue = %v", err)
	}
	return grant
}

// renew gives a client new tokens for a refresh token.
func (h *house) renew(c accounts.Client, refresh string) accounts.Grant {
	h.t.Helper()
	grant, err := h.Renew(h.t.Context(), c, refresh)
	if err != nil {
		h.t.Fatalf("Renew = %v", err)
	}
	return grant
}

func (h *house) wantGrantRefused(what string, c accounts.Client, refresh string) {
	h.t.Helper()
	if grant, err := h.Renew(h.t.Context(), c, refresh); !errors.Is(err, accounts.ErrGrant) || grant != (accounts.Grant{}) {
		h.t.Errorf("%s = %v, %v; want ErrGrant", what, grant, err)
	}
}

// works reports whether an access token does.
func (h *house) works(access string) bool {
	h.t.Helper()
	_, err := h.Bearer(h.t.Context(), []byte(access))
	if err != nil && !errors.Is(err, accounts.ErrDenied) {
		h.t.Fatalf("Bearer = %v", err)
	}
	return err == nil
}

func TestCreateClient_givesWhatItsDialectNeeds(t *testing.T) {
	t.Parallel()

	for dialect, refreshes := range map[string]bool{"actionstep": true, "keap": true, "accelo": false, "standard": false} {
		h := open(t)
		c, secrets := h.client(dialect)
		if !strings.HasPrefix(secrets.Secret, "hcs_") || strings.HasPrefix(secrets.Refresh, "hr_") != refreshes {
			t.Errorf("%s: secrets = %v; want a refresh token: %t", dialect, secrets, refreshes)
		}
		if list, err := h.Clients(t.Context(), "", 9); err != nil || len(list) != 1 || !cmp.Equal(list[0], c) {
			t.Errorf("%s: Clients = %v, %v; want the one made", dialect, list, err)
		}
		h.wantAudit("root client.create " + c.ID)
	}
}

func TestCreateClient_refusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()

	h := open(t)
	for field, want := range map[string]accounts.ClientRequest{
		"dialect": {Name: "portal", Dialect: "zapier", Owner: desk},
		"name":    {Dialect: "keap", Owner: desk},
		"owner":   {Name: "portal", Dialect: "keap"},
	} {
		_, _, err := h.CreateClient(t.Context(), root, want)
		if invalid, ok := errors.AsType[*accounts.InvalidError](err); !ok || invalid.Field != field {
			t.Errorf("CreateClient(%v) = %v; want an invalid %s", want, err, field)
		}
	}
	negative := accounts.ClientRequest{Name: "portal", Dialect: "keap", Owner: accounts.Owner{ID: -1, Name: "x"}}
	if _, _, err := h.CreateClient(t.Context(), root, negative); err == nil {
		t.Error("a negative number of an owner was taken")
	}
	h.wantAudit("")
}

func TestClient_isKnownByItsSecretInItsDialect(t *testing.T) {
	t.Parallel()

	h := open(t)
	c, secrets := h.client("keap")
	ask := func(dialect, id, secret string) (accounts.Client, error) {
		return h.Client(t.Context(), dialect, accounts.Login{Name: id, Password: secret, Remote: from})
	}
	if got, err := ask("keap", c.ID, secrets.Secret); err != nil || !cmp.Equal(got, c) {
		t.Fatalf("Client = %v, %v; want the client", got, err)
	}
	for what, login := range map[string][3]string{
		"another dialect":   {"actionstep", c.ID, secrets.Secret},
		"a wrong secret":    {"keap", c.ID, secrets.Secret + "x"},
		"no secret":         {"keap", c.ID, ""},
		"an unknown client": {"keap", "nobody", secrets.Secret},
		"no client":         {"keap", "", ""},
	} {
		_, err := ask(login[0], login[1], login[2])
		h.wantDenied(what, err)
	}
	if err := h.RevokeClient(t.Context(), root, c.ID); err != nil {
		t.Fatalf("RevokeClient = %v", err)
	}
	_, err := ask("keap", c.ID, secrets.Secret)
	h.wantDenied("a revoked client", err)
}

func TestClient_isThrottledAfterTenFailures(t *testing.T) {
	t.Parallel()

	h := open(t)
	c, secrets := h.client("accelo")
	ask := func(secret string) error {
		_, err := h.Client(t.Context(), "accelo", accounts.Login{Name: c.ID, Password: secret, Remote: from})
		return err
	}
	for range 10 {
		h.wantDenied("a guess", ask("guess"))
	}
	throttled, ok := errors.AsType[*accounts.ThrottledError](ask(secrets.Secret))
	if !ok || throttled.RetryAfter != 5*time.Minute {
		t.Fatalf("the eleventh = %v; want to wait 5 minutes", throttled)
	}
	h.advance(5 * time.Minute)
	if err := ask(secrets.Secret); err != nil {
		t.Errorf("after the wait = %v", err)
	}
}

func TestIssue_givesATokenOfTheClientsOwner(t *testing.T) {
	t.Parallel()

	h := open(t)
	c, _ := h.client("accelo")
	grant := h.issue(c)
	id, err := h.Bearer(t.Context(), []byte(grant.Access))
	want := accounts.Identity{Name: "portal", Role: accounts.Operator, Credential: "client:" + c.ID, Dialect: "accelo", Owner: desk}
	if err != nil || id != want {
		t.Errorf("Bearer = %+v, %v; want %+v", id, err, want)
	}
	if grant.Refresh != "" {
		t.Error("a client of Accelo was given a refresh token")
	}
	h.wantAudit("root client.create " + c.ID)
}

func TestIssue_givesTokensThatLiveAsTheTermsSay(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		dialect   string
		ask, want time.Duration
	}{
		{"standard", 0, time.Hour},
		{"actionstep", 0, time.Hour},
		{"keap", 0, 24 * time.Hour},
		{"accelo", 0, 720 * time.Hour},
		{"accelo", time.Minute, time.Minute},
		{"accelo", 9000 * time.Hour, 720 * time.Hour},
		{"accelo", -time.Second, 720 * time.Hour},
	} {
		h := open(t)
		c, _ := h.client(tt.dialect)
		grant, err := h.Issue(t.Context(), c, tt.ask)
		if err != nil || grant.Life != tt.want {
			t.Errorf("%s: Issue(%s) lives %s, %v; want %s", tt.dialect, tt.ask, grant.Life, err, tt.want)
		}
		h.advance(tt.want - time.Nanosecond)
		if !h.works(grant.Access) {
			t.Errorf("%s: the token ended before its time", tt.dialect)
		}
		h.advance(time.Nanosecond)
		if h.works(grant.Access) {
			t.Errorf("%s: the token outlived its time", tt.dialect)
		}
	}
}

func TestIssue_keepsTwentyTokensAClient(t *testing.T) {
	t.Parallel()

	h := open(t)
	c, _ := h.client("standard")
	first := h.issue(c)
	second := h.issue(c)
	for range accounts.MaxClientTokens - 1 {
		h.issue(c)
	}
	if h.works(first.Access) || !h.works(second.Access) {
		t.Error("of 21 tokens the first is to go, and the second to stay")
	}
}

func TestRevokeClient_endsItsTokensAtOnce(t *testing.T) {
	t.Parallel()

	h := open(t)
	c, secrets := h.client("keap")
	grant := h.issue(c)
	if !h.works(grant.Access) {
		t.Fatal("a new token does not work")
	}
	for range 2 { // the second changes nothing
		if err := h.RevokeClient(t.Context(), root, c.ID); err != nil {
			t.Fatalf("RevokeClient = %v", err)
		}
	}
	if h.works(grant.Access) {
		t.Error("a token of a revoked client works")
	}
	h.wantGrantRefused("the first refresh token of a revoked client", c, secrets.Refresh)
	h.wantGrantRefused("the last refresh token of a revoked client", c, grant.Refresh)
	_, err := h.Issue(t.Context(), c, 0) // by one who read the client before
	h.wantDenied("Issue to a revoked client", err)
	h.wantAudit("root client.create " + c.ID + "; root client.revoke " + c.ID)
	if err := h.RevokeClient(t.Context(), root, "nobody"); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("RevokeClient of an unknown one = %v; want ErrNotFound", err)
	}
}

func TestRevokeGrant_endsAClientsOwnTokens(t *testing.T) {
	t.Parallel()

	h := open(t)
	c, _ := h.client("accelo")
	other, _ := h.client("accelo")
	mine, theirs := h.issue(c), h.issue(other)
	for _, access := range []string{mine.Access, mine.Access, theirs.Access, "unknown"} {
		if err := h.RevokeGrant(t.Context(), c, access); err != nil {
			t.Errorf("RevokeGrant = %v", err)
		}
	}
	if h.works(mine.Access) || !h.works(theirs.Access) {
		t.Error("the client's own token is to end, and the other's not")
	}
}

func TestRenew_spendsTheRefreshTokenAndGivesANewOne(t *testing.T) {
	t.Parallel()

	h := open(t)
	c, secrets := h.client("keap")
	refresh := secrets.Refresh
	for range 3 {
		h.advance(44 * 24 * time.Hour) // each lives for 45 days from its making
		grant := h.renew(c, refresh)
		if !h.works(grant.Access) || grant.Refresh == refresh || grant.Life != 24*time.Hour {
			t.Fatalf("Renew = %+v; want a token that works for a day, and another refresh token", grant)
		}
		refresh = grant.Refresh
	}
	h.advance(45 * 24 * time.Hour)
	h.wantGrantRefused("an expired refresh token", c, refresh)
}

func TestRenew_refusesWhatIsNotTheClients(t *testing.T) {
	t.Parallel()

	h := open(t)
	c, secrets := h.client("keap")
	other, _ := h.client("keap")
	grant := h.issue(c)
	h.wantGrantRefused("another client's refresh token", other, secrets.Refresh)
	h.wantGrantRefused("an access token", c, grant.Access)
	h.wantGrantRefused("nothing", c, "")
	h.renew(c, secrets.Refresh) // it was not spent by the attempt of another
}

// A client whose answer was lost asks again; one who does so twice, or late,
// is somebody else.
func TestRenew_forgivesOneReplayWithinAMinute(t *testing.T) {
	t.Parallel()

	h := open(t)
	c, secrets := h.client("actionstep")
	lost := h.renew(c, secrets.Refresh)
	h.advance(accounts.RefreshGrace - time.Nanosecond)
	again := h.renew(c, secrets.Refresh)
	for what, grant := range map[string]accounts.Grant{"the lost answer": lost, "the second": again} {
		if !h.works(grant.Access) {
			t.Errorf("the access token of %s does not work", what)
		}
	}
	apart := h.issue(c)
	h.wantGrantRefused("a second replay", c, secrets.Refresh)
	for what, grant := range map[string]accounts.Grant{"the lost answer": lost, "the second": again} {
		h.wantGrantRefused("the refresh token of "+what+" after a reuse", c, grant.Refresh)
		if h.works(grant.Access) {
			t.Errorf("the access token of %s works after a reuse", what)
		}
	}
	if !h.works(apart.Access) {
		t.Error("a token that came by the client's own credentials ended with the family")
	}
	h.renew(c, apart.Refresh)
	h.wantAudit("root client.create " + c.ID + "; portal client.reuse " + c.ID)
}

func TestRenew_endsTheFamilyOnALateReplay(t *testing.T) {
	t.Parallel()

	h := open(t)
	c, secrets := h.client("actionstep")
	first := h.renew(c, secrets.Refresh)
	second := h.renew(c, first.Refresh)
	h.advance(accounts.RefreshGrace)
	h.wantGrantRefused("a replay after the grace", c, secrets.Refresh)
	h.wantGrantRefused("the youngest of the family", c, second.Refresh)
	if h.works(second.Access) {
		t.Error("an access token of an ended family works")
	}
}

// Two processes of a client renew at the same moment: both are served, by the
// grace, and the third is not.
func TestRenew_servesTwoOfThreeAtOnce(t *testing.T) {
	t.Parallel()

	h := open(t)
	c, secrets := h.client("actionstep")
	const callers = 3
	results := make(chan error, callers)
	for range callers {
		go func() {
			_, err := h.Renew(t.Context(), c, secrets.Refresh)
			results <- err
		}()
	}
	served := 0
	for range callers {
		switch err := <-results; {
		case err == nil:
			served++
		case !errors.Is(err, accounts.ErrGrant):
			t.Errorf("Renew = %v; want nil or ErrGrant", err)
		}
	}
	if served != 2 {
		t.Errorf("%d of 3 were served; want 2", served)
	}
}
