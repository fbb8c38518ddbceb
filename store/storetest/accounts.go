package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/server/accounts"
)

// AccountsRoom is an empty store of accounts, with its audit rows, oldest first.
type AccountsRoom struct {
	Store interface {
		accounts.Store
		accounts.ClientStore
	}
	Audits func(context.Context) ([]accounts.Audit, error)
}

// Accounts holds a store to what [accounts.Store] promises. Open gives an
// empty one; it is called once a test.
func Accounts(t *testing.T, open func(*testing.T) AccountsRoom) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, AccountsRoom){
		"a user is kept as it was saved, one revision later": keepsUsers,
		"a refused change of a user changes nothing":         refusesUserChanges,
		"an active admin with a password always remains":     keepsAnAdmin,
		"users are listed by name in pages":                  listsUsers,
		"a change can end the user's sessions":               endsSessions,
		"a token is found by its id and by its hash":         keepsTokens,
		"tokens are listed by id in pages":                   listsTokens,
		"sessions that are over go when one begins":          dropsOldSessions,
		"each act leaves one audit row, a refused one none":  auditsActs,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// noon is when these tests happen. Stores keep milliseconds.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 123e6, time.UTC)

func anAdmin(name string) accounts.User {
	return accounts.User{
		Name: name, Email: name + "@example.com", Role: accounts.Admin, Password: "$argon2id$", Created: noon, Updated: noon,
	}
}

func act(did string) accounts.Audit {
	return accounts.Audit{At: noon, Who: "somebody", Did: did, What: "something"}
}

func mustSave(t *testing.T, room AccountsRoom, changes ...accounts.UserChange) {
	t.Helper()
	for _, c := range changes {
		if err := room.Store.SaveUser(t.Context(), c); err != nil {
			t.Fatalf("SaveUser(%s) = %v", c.User.Name, err)
		}
	}
}

func mustUser(t *testing.T, room AccountsRoom, name string) accounts.User {
	t.Helper()
	user, err := room.Store.User(t.Context(), name)
	if err != nil {
		t.Fatalf("User(%s) = %v", name, err)
	}
	return user
}

func keepsUsers(t *testing.T, room AccountsRoom) {
	want := anAdmin("ada")
	mustSave(t, room, accounts.UserChange{User: want, First: true})
	want.Revision = 1
	if diff := cmp.Diff(want, mustUser(t, room, "ada")); diff != "" {
		t.Errorf("a new user differs (-want +got):\n%s", diff)
	}

	want.Email, want.Updated = "", noon.Add(time.Minute)
	mustSave(t, room, accounts.UserChange{User: want})
	want.Revision = 2
	if diff := cmp.Diff(want, mustUser(t, room, "ada")); diff != "" {
		t.Errorf("a changed user differs (-want +got):\n%s", diff)
	}

	if _, err := room.Store.User(t.Context(), "bob"); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("User of an unknown name = %v; want ErrNotFound", err)
	}
}

func refusesUserChanges(t *testing.T, room AccountsRoom) {
	mustSave(t, room, accounts.UserChange{User: anAdmin("ada")}, accounts.UserChange{User: anAdmin("bob")})
	before := mustUser(t, room, "ada")
	stale, unknown, gone := before, anAdmin("eve"), before
	stale.Revision, unknown.Revision, gone.Revision = 7, 1, 7
	stale.Email = "other@example.com"

	for _, tt := range []struct {
		name   string
		change accounts.UserChange
		want   error
	}{
		{"a taken name", accounts.UserChange{User: anAdmin("ada")}, accounts.ErrExists},
		{"an old revision", accounts.UserChange{User: stale}, accounts.ErrStale},
		{"a removal by an old revision", accounts.UserChange{User: gone, Remove: true}, accounts.ErrStale},
		{"a user that is not there", accounts.UserChange{User: unknown}, accounts.ErrNotFound},
		{"a first user that is not the first", accounts.UserChange{User: anAdmin("eve"), First: true}, accounts.ErrSetUp},
	} {
		if err := room.Store.SaveUser(t.Context(), tt.change); !errors.Is(err, tt.want) {
			t.Errorf("%s: SaveUser = %v; want %v", tt.name, err, tt.want)
		}
	}
	if diff := cmp.Diff(before, mustUser(t, room, "ada")); diff != "" {
		t.Errorf("a refused change left traces (-want +got):\n%s", diff)
	}
}

func keepsAnAdmin(t *testing.T, room AccountsRoom) {
	mustSave(t, room, accounts.UserChange{User: anAdmin("ada")})
	ada := mustUser(t, room, "ada")
	demoted, disabled, mute := ada, ada, ada
	demoted.Role, disabled.Disabled, mute.Password = accounts.Author, true, ""

	for name, change := range map[string]accounts.UserChange{
		"removed":          {User: ada, Remove: true},
		"demoted":          {User: demoted},
		"disabled":         {User: disabled},
		"without password": {User: mute},
	} {
		if err := room.Store.SaveUser(t.Context(), change); !errors.Is(err, accounts.ErrLastAdmin) {
			t.Errorf("the last admin %s: SaveUser = %v; want ErrLastAdmin", name, err)
		}
	}

	mustSave(t, room, accounts.UserChange{User: anAdmin("bob")}, accounts.UserChange{User: ada, Remove: true})
	if _, err := room.Store.User(t.Context(), "ada"); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("a removed user: User = %v; want ErrNotFound", err)
	}
}

func listsUsers(t *testing.T, room AccountsRoom) {
	for _, name := range []string{"carl", "ada", "bob"} {
		mustSave(t, room, accounts.UserChange{User: anAdmin(name)})
	}
	for _, tt := range []struct {
		after string
		limit int
		want  []string
	}{
		{"", 2, []string{"ada", "bob"}},
		{"bob", 2, []string{"carl"}},
		{"b", 1, []string{"bob"}},
		{"carl", 9, nil},
	} {
		users, err := room.Store.Users(t.Context(), tt.after, tt.limit)
		var got []string
		for _, u := range users {
			got = append(got, u.Name)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("Users(%q, %d) = %v, %v; want %v", tt.after, tt.limit, got, err, tt.want)
		}
	}
}

func aSession(user string, mark byte, life time.Duration) accounts.Session {
	return accounts.Session{Hash: accounts.Hash{mark}, User: user, Created: noon, Expires: noon.Add(life)}
}

func mustSaveSession(t *testing.T, room AccountsRoom, s accounts.Session) {
	t.Helper()
	if err := room.Store.SaveSession(t.Context(), s, act("session.start")); err != nil {
		t.Fatalf("SaveSession = %v", err)
	}
}

func hasSession(t *testing.T, room AccountsRoom, mark byte) bool {
	t.Helper()
	_, err := room.Store.Session(t.Context(), accounts.Hash{mark})
	if err != nil && !errors.Is(err, accounts.ErrNotFound) {
		t.Fatalf("Session = %v", err)
	}
	return err == nil
}

func endsSessions(t *testing.T, room AccountsRoom) {
	mustSave(t, room, accounts.UserChange{User: anAdmin("ada")}, accounts.UserChange{User: anAdmin("bob")})
	mustSaveSession(t, room, aSession("ada", 1, time.Hour))
	mustSaveSession(t, room, aSession("bob", 2, time.Hour))

	mustSave(t, room, accounts.UserChange{User: mustUser(t, room, "ada")})
	if !hasSession(t, room, 1) {
		t.Error("a change that keeps sessions ended one")
	}
	mustSave(t, room, accounts.UserChange{User: mustUser(t, room, "ada"), EndSessions: true})
	if hasSession(t, room, 1) {
		t.Error("a change that ends sessions kept one")
	}
	if !hasSession(t, room, 2) {
		t.Error("a change of one user ended the session of another")
	}
}

func aToken(id string, mark byte) accounts.Token {
	return accounts.Token{
		ID: id, Name: "portal", Hash: accounts.Hash{mark}, Role: accounts.Operator, Dialect: "keap",
		Owner: accounts.Owner{ID: 42, Name: "Service Desk", Email: "desk@example.com"},
		By:    "ada", Created: noon, Expires: noon.Add(time.Hour),
	}
}

func keepsTokens(t *testing.T, room AccountsRoom) {
	want := aToken("t1", 1)
	for range 2 { // made, then revoked
		if err := room.Store.SaveToken(t.Context(), want, act("token.create")); err != nil {
			t.Fatalf("SaveToken = %v", err)
		}
		for _, key := range []accounts.TokenKey{{ID: "t1"}, {Hash: accounts.Hash{1}}} {
			got, err := room.Store.Token(t.Context(), key)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("Token(%v) = %v, differs (-want +got):\n%s", key, err, diff)
			}
		}
		want.Revoked = noon
	}
	for _, key := range []accounts.TokenKey{{ID: "t2"}, {Hash: accounts.Hash{2}}, {}} {
		if _, err := room.Store.Token(t.Context(), key); !errors.Is(err, accounts.ErrNotFound) {
			t.Errorf("Token(%v) = %v; want ErrNotFound", key, err)
		}
	}
}

func listsTokens(t *testing.T, room AccountsRoom) {
	for i, id := range []string{"t3", "t1", "t2"} {
		if err := room.Store.SaveToken(t.Context(), aToken(id, byte(i+1)), act("token.create")); err != nil {
			t.Fatalf("SaveToken = %v", err)
		}
	}
	tokens, err := room.Store.Tokens(t.Context(), "t1", 1)
	if err != nil || len(tokens) != 1 || tokens[0].ID != "t2" {
		t.Errorf("Tokens(t1, 1) = %v, %v; want t2 alone", tokens, err)
	}
}

func dropsOldSessions(t *testing.T, room AccountsRoom) {
	mustSaveSession(t, room, aSession("ada", 1, time.Minute))
	mustSaveSession(t, room, aSession("ada", 2, time.Hour))
	late := aSession("ada", 3, 2*time.Hour)
	late.Created = noon.Add(time.Minute)
	mustSaveSession(t, room, late)

	got, err := room.Store.Session(t.Context(), late.Hash)
	if diff := cmp.Diff(late, got); diff != "" || err != nil {
		t.Errorf("Session = %v, differs (-want +got):\n%s", err, diff)
	}
	if hasSession(t, room, 1) {
		t.Error("a session that was over when another began is still there")
	}
	if !hasSession(t, room, 2) {
		t.Error("a session that was not over went")
	}
}

func auditsActs(t *testing.T, room AccountsRoom) {
	ctx := t.Context()
	mustSave(t, room, accounts.UserChange{User: anAdmin("ada"), Audit: act("user.create")})
	if err := room.Store.SaveUser(ctx, accounts.UserChange{User: anAdmin("ada"), Audit: act("refused")}); err == nil {
		t.Fatal("a taken name was accepted")
	}
	if err := room.Store.SaveToken(ctx, aToken("t1", 1), act("token.create")); err != nil {
		t.Fatalf("SaveToken = %v", err)
	}
	mustSaveSession(t, room, aSession("ada", 1, time.Hour))
	for range 2 { // the second finds nothing to end
		if err := room.Store.EndSession(ctx, accounts.Hash{1}, act("session.end")); err != nil {
			t.Fatalf("EndSession = %v", err)
		}
	}

	got, err := room.Audits(ctx)
	want := []accounts.Audit{act("user.create"), act("token.create"), act("session.start"), act("session.end")}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Audits = %v, differ (-want +got):\n%s", err, diff)
	}
}
