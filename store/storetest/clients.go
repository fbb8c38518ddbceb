package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/server/accounts"
)

// Clients holds a store to what [accounts.ClientStore] promises. Open gives an
// empty one; it is called once a test.
func Clients(t *testing.T, open func(*testing.T) AccountsRoom) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, AccountsRoom){
		"a client is kept as it was saved, with its first refresh token":  keepsClients,
		"clients are listed by id in pages":                               listsClients,
		"a client past the bound takes the place of a revoked one":        boundsClients,
		"a revoked client has no tokens any more":                         revokesClients,
		"what a token call gives is kept":                                 keepsIssues,
		"a refresh token is spent once by each who read it":               spendsRefreshes,
		"a client that is revoked or unknown is given nothing":            issuesToTheLivingAlone,
		"what is over goes with the next token call of any client":        dropsWhatIsOver,
		"what is too much of one client goes, the oldest first":           boundsTokens,
		"a family ends without the others":                                endsFamilies,
		"a code is kept as it was saved, and lasts as long as its client": keepsCodes,
		"a code gives tokens once":                                        usesCodes,
		"codes that are over or too many go":                              boundsCodes,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func aClient(id string) accounts.Client {
	return accounts.Client{
		ID: id, Name: "portal " + id, Secret: accounts.Hash{1, 2, 3}, Dialect: "keap",
		Owner:     accounts.Owner{ID: 42, Name: "Service Desk", Email: "desk@example.com"},
		Redirects: []string{"https://portal.example.com/a", "http://127.0.0.1/b"}, By: "ada", Created: noon,
	}
}

func mustCreate(t *testing.T, room AccountsRoom, c accounts.Client, first *accounts.Refresh) {
	t.Helper()
	if err := room.Store.CreateClient(t.Context(), accounts.ClientChange{Client: c, Refresh: first, Audit: act("client.create")}); err != nil {
		t.Fatalf("CreateClient(%s) = %v", c.ID, err)
	}
}

// aRefresh is a refresh token of client c1; a number names it and its hash.
func aRefresh(number int, family string) accounts.Refresh {
	return accounts.Refresh{
		ID: fmt.Sprintf("r%04d", number), Hash: accounts.Hash{byte(number), byte(number >> 8), 9}, Client: "c1", Family: family,
		User: "grace", Owner: accounts.Owner{ID: 7, Name: "grace"}, Scope: "full", Created: noon, Expires: noon.Add(time.Hour),
	}
}

// anIssue is an access token of client c1, with or without a refresh token.
func anIssue(number int, refresh *accounts.Refresh) accounts.Issue {
	family := ""
	if refresh != nil {
		family = refresh.Family
	}
	return accounts.Issue{
		Token: accounts.Token{
			ID: fmt.Sprintf("t%04d", number), Name: "portal", Hash: accounts.Hash{byte(number), byte(number >> 8), 7}, Role: accounts.Operator,
			Dialect: "keap", Client: "c1", Family: family, User: "grace", By: "portal", Created: noon, Expires: noon.Add(time.Hour),
		},
		Refresh: refresh,
	}
}

func mustIssue(t *testing.T, room AccountsRoom, i accounts.Issue) {
	t.Helper()
	if err := room.Store.Issue(t.Context(), i); err != nil {
		t.Fatalf("Issue(%s) = %v", i.Token.ID, err)
	}
}

func mustRefresh(t *testing.T, room AccountsRoom, hash accounts.Hash) accounts.Refresh {
	t.Helper()
	r, err := room.Store.Refresh(t.Context(), hash)
	if err != nil {
		t.Fatalf("Refresh = %v", err)
	}
	return r
}

func hasRefresh(t *testing.T, room AccountsRoom, hash accounts.Hash) bool {
	t.Helper()
	_, err := room.Store.Refresh(t.Context(), hash)
	if err != nil && !errors.Is(err, accounts.ErrNotFound) {
		t.Fatalf("Refresh = %v", err)
	}
	return err == nil
}

// wantTokens wants the ids of all tokens.
func wantTokens(t *testing.T, room AccountsRoom, want ...string) {
	t.Helper()
	tokens, err := room.Store.Tokens(t.Context(), "", 1000)
	if err != nil {
		t.Fatalf("Tokens = %v", err)
	}
	var got []string
	for _, k := range tokens {
		got = append(got, k.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the tokens differ (-want +got):\n%s", diff)
	}
}

func wantDid(t *testing.T, room AccountsRoom, want ...string) {
	t.Helper()
	audits, err := room.Audits(t.Context())
	var got []string
	for _, a := range audits {
		got = append(got, a.Did)
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("the audit is %q, %v; want %q", got, err, want)
	}
}

func keepsClients(t *testing.T, room AccountsRoom) {
	want, first := aClient("c1"), aRefresh(1, "f")
	mustCreate(t, room, want, &first)
	got, err := room.Store.Client(t.Context(), "c1")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Client = %v, differs (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(first, mustRefresh(t, room, first.Hash)); diff != "" {
		t.Errorf("Refresh differs (-want +got):\n%s", diff)
	}
	if _, err := room.Store.Client(t.Context(), "c2"); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("an unknown client gave %v; want ErrNotFound", err)
	}
	if hasRefresh(t, room, accounts.Hash{}) {
		t.Error("a refresh token of no hash was found")
	}
	wantDid(t, room, "client.create")
}

func listsClients(t *testing.T, room AccountsRoom) {
	for _, id := range []string{"c3", "c1", "c2"} {
		mustCreate(t, room, aClient(id), nil)
	}
	list, err := room.Store.Clients(t.Context(), "c1", 1)
	if err != nil || len(list) != 1 || list[0].ID != "c2" {
		t.Errorf("Clients(c1, 1) = %v, %v; want c2 alone", list, err)
	}
}

func boundsClients(t *testing.T, room AccountsRoom) {
	id := func(n int) string { return fmt.Sprintf("c%04d", n) }
	for n := range accounts.MaxClients {
		mustCreate(t, room, aClient(id(n)), nil)
	}
	more := accounts.ClientChange{Client: aClient("d"), Audit: act("client.create")}
	if err := room.Store.CreateClient(t.Context(), more); !errors.Is(err, accounts.ErrFull) {
		t.Fatalf("one client too many gave %v; want ErrFull", err)
	}
	for i, n := range []int{7, 5} {
		audit := act("client.revoke")
		audit.At = noon.Add(time.Duration(i) * time.Second)
		if err := room.Store.RevokeClient(t.Context(), id(n), audit); err != nil {
			t.Fatalf("RevokeClient = %v", err)
		}
	}
	mustCreate(t, room, aClient("d"), nil)
	for name, want := range map[string]error{id(7): accounts.ErrNotFound, id(5): nil, "d": nil} {
		if _, err := room.Store.Client(t.Context(), name); !errors.Is(err, want) {
			t.Errorf("Client(%s) = %v; want %v: the one revoked first goes", name, err, want)
		}
	}
}

func revokesClients(t *testing.T, room AccountsRoom) {
	first, next := aRefresh(1, "f"), aRefresh(2, "f")
	mustCreate(t, room, aClient("c1"), &first)
	mustIssue(t, room, anIssue(1, &next))
	if err := room.Store.SaveToken(t.Context(), aToken("u1", 1), act("token.create")); err != nil {
		t.Fatalf("SaveToken = %v", err)
	}
	for range 2 { // the second changes nothing
		if err := room.Store.RevokeClient(t.Context(), "c1", act("client.revoke")); err != nil {
			t.Fatalf("RevokeClient = %v", err)
		}
	}
	if c, err := room.Store.Client(t.Context(), "c1"); err != nil || !c.Revoked.Equal(noon) {
		t.Errorf("the client is revoked at %v, %v; want %v", c.Revoked, err, noon)
	}
	if hasRefresh(t, room, first.Hash) || hasRefresh(t, room, next.Hash) {
		t.Error("a revoked client kept a refresh token")
	}
	wantTokens(t, room, "u1")
	if err := room.Store.RevokeClient(t.Context(), "c2", act("client.revoke")); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("revoking an unknown client gave %v; want ErrNotFound", err)
	}
	wantDid(t, room, "client.create", "token.create", "client.revoke")
}

func keepsIssues(t *testing.T, room AccountsRoom) {
	mustCreate(t, room, aClient("c1"), nil)
	next := aRefresh(1, "f")
	want := anIssue(1, &next)
	mustIssue(t, room, want)
	for _, key := range []accounts.TokenKey{{ID: want.Token.ID}, {Hash: want.Token.Hash}} {
		got, err := room.Store.Token(t.Context(), key)
		if diff := cmp.Diff(want.Token, got); diff != "" || err != nil {
			t.Errorf("Token(%v) = %v, differs (-want +got):\n%s", key, err, diff)
		}
	}
	if diff := cmp.Diff(next, mustRefresh(t, room, next.Hash)); diff != "" {
		t.Errorf("Refresh differs (-want +got):\n%s", diff)
	}
	wantDid(t, room, "client.create") // a token call is no audited act
}

func spendsRefreshes(t *testing.T, room AccountsRoom) {
	first := aRefresh(1, "f")
	mustCreate(t, room, aClient("c1"), &first)
	spend := func(number int, read accounts.Refresh, at time.Time) error {
		next := aRefresh(number, "f")
		i := anIssue(number, &next)
		i.Spent, i.Token.Created = read, at
		return room.Store.Issue(t.Context(), i)
	}
	if err := spend(2, first, noon.Add(time.Second)); err != nil {
		t.Fatalf("the first use = %v", err)
	}
	if err := spend(3, first, noon.Add(2*time.Second)); !errors.Is(err, accounts.ErrStale) {
		t.Errorf("a use by one who had read it before = %v; want ErrStale", err)
	}
	once := mustRefresh(t, room, first.Hash)
	if once.Uses != 1 || !once.Used.Equal(noon.Add(time.Second)) {
		t.Errorf("after one use it has %d, the first at %v", once.Uses, once.Used)
	}
	if err := spend(4, once, noon.Add(3*time.Second)); err != nil {
		t.Fatalf("the second use = %v", err)
	}
	if twice := mustRefresh(t, room, first.Hash); twice.Uses != 2 || !twice.Used.Equal(once.Used) {
		t.Errorf("after two uses it has %d, the first at %v; want that of before", twice.Uses, twice.Used)
	}
	if hasRefresh(t, room, aRefresh(3, "f").Hash) {
		t.Error("a refused issue kept its refresh token")
	}
	if err := spend(5, aRefresh(99, "f"), noon); !errors.Is(err, accounts.ErrStale) {
		t.Errorf("spending one that is gone = %v; want ErrStale", err)
	}
	wantTokens(t, room, "t0002", "t0004")
}

func issuesToTheLivingAlone(t *testing.T, room AccountsRoom) {
	if err := room.Store.Issue(t.Context(), anIssue(1, nil)); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("Issue to an unknown client = %v; want ErrNotFound", err)
	}
	mustCreate(t, room, aClient("c1"), nil)
	if err := room.Store.RevokeClient(t.Context(), "c1", act("client.revoke")); err != nil {
		t.Fatalf("RevokeClient = %v", err)
	}
	if err := room.Store.Issue(t.Context(), anIssue(1, nil)); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("Issue to a revoked client = %v; want ErrNotFound", err)
	}
	wantTokens(t, room)
}

func dropsWhatIsOver(t *testing.T, room AccountsRoom) {
	old, young := aRefresh(1, "f"), aRefresh(2, "g")
	young.Expires = noon.Add(3 * time.Hour)
	mustCreate(t, room, aClient("c1"), nil)
	mustCreate(t, room, aClient("c2"), nil)
	mustIssue(t, room, anIssue(1, &old))
	mustIssue(t, room, anIssue(2, &young))
	revoked := anIssue(3, nil)
	revoked.Token.Expires = noon.Add(3 * time.Hour)
	mustIssue(t, room, revoked)
	if err := room.Store.SaveToken(t.Context(), aToken("u1", 1), act("token.create")); err != nil { // expires with t0001
		t.Fatalf("SaveToken = %v", err)
	}
	other := anIssue(4, nil)
	other.Token.Client, other.Token.Created, other.Token.Expires = "c2", noon.Add(time.Hour), noon.Add(2*time.Hour)
	mustIssue(t, room, other)
	wantTokens(t, room, "t0003", "t0004", "u1") // tokens that people made are theirs to keep
	if hasRefresh(t, room, old.Hash) || !hasRefresh(t, room, young.Hash) {
		t.Error("of two refresh tokens the one that is over is to go, and no other")
	}

	revoked.Token.Revoked = noon
	if err := room.Store.SaveToken(t.Context(), revoked.Token, act("token.revoke")); err != nil {
		t.Fatalf("SaveToken = %v", err)
	}
	last := anIssue(5, nil)
	mustIssue(t, room, last)
	wantTokens(t, room, "t0004", "t0005", "u1")
}

func boundsTokens(t *testing.T, room AccountsRoom) {
	mustCreate(t, room, aClient("c1"), nil)
	mustCreate(t, room, aClient("c2"), nil)
	other := anIssue(1, nil)
	other.Token.Client = "c2"
	mustIssue(t, room, other)
	colleague, theirs := aRefresh(0, "g"), anIssue(0, nil)
	colleague.User, theirs.Token.User, theirs.Refresh = "ada", "ada", &colleague
	mustIssue(t, room, theirs)
	want := []string{"t0000", "t0001"}
	for n := range accounts.MaxClientRefreshes + 1 {
		next := aRefresh(n+2, "f")
		i := anIssue(n+2, &next)
		mustIssue(t, room, i)
		want = append(want, i.Token.ID)
	}
	wantTokens(t, room, append(want[:2], want[len(want)-accounts.MaxClientTokens:]...)...)
	for n, want := range map[int]bool{0: true, 2: false, 3: true, accounts.MaxClientRefreshes + 2: true} {
		if got := hasRefresh(t, room, aRefresh(n, "f").Hash); got != want {
			t.Errorf("refresh token %d is there: %t; want %t", n, got, want)
		}
	}
}

func endsFamilies(t *testing.T, room AccountsRoom) {
	mustCreate(t, room, aClient("c1"), nil)
	one, other := aRefresh(1, "f"), aRefresh(2, "g")
	mustIssue(t, room, anIssue(1, &one))
	mustIssue(t, room, anIssue(2, &other))
	mustIssue(t, room, anIssue(3, nil))
	for range 2 { // the second finds nothing
		if err := room.Store.EndFamily(t.Context(), "f", act("client.reuse")); err != nil {
			t.Fatalf("EndFamily = %v", err)
		}
	}
	wantTokens(t, room, "t0002", "t0003")
	if hasRefresh(t, room, one.Hash) || !hasRefresh(t, room, other.Hash) {
		t.Error("the refresh tokens of one family are to go, and no others")
	}
	wantDid(t, room, "client.create", "client.reuse")
}
