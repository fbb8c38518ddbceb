package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/server/accounts"
)

// aCode is a code of client c1 and a user; a number names it and its hash.
func aCode(number int, user string) accounts.Code {
	return accounts.Code{
		ID: fmt.Sprintf("k%04d", number), Hash: accounts.Hash{byte(number), 5}, Client: "c1", User: user,
		Owner: accounts.Owner{ID: 7, Name: user, Email: "grace@example.com"}, Redirect: "https://portal.example.com/a",
		Challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", Scope: "full", Created: noon, Expires: noon.Add(accounts.CodeLife),
	}
}

func mustSaveCode(t *testing.T, room AccountsRoom, c accounts.Code) {
	t.Helper()
	if err := room.Store.SaveCode(t.Context(), c, act("client.allow")); err != nil {
		t.Fatalf("SaveCode(%s) = %v", c.ID, err)
	}
}

// hasCode reports whether the code of a number is there.
func hasCode(t *testing.T, room AccountsRoom, number int) bool {
	t.Helper()
	_, err := room.Store.Code(t.Context(), aCode(number, "").Hash)
	if err != nil && !errors.Is(err, accounts.ErrNotFound) {
		t.Fatalf("Code = %v", err)
	}
	return err == nil
}

func keepsCodes(t *testing.T, room AccountsRoom) {
	if err := room.Store.SaveCode(t.Context(), aCode(1, "grace"), act("client.allow")); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("a code of an unknown client gave %v; want ErrNotFound", err)
	}
	mustCreate(t, room, aClient("c1"), nil)
	want := aCode(1, "grace")
	mustSaveCode(t, room, want)
	got, err := room.Store.Code(t.Context(), want.Hash)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Code = %v, differs (-want +got):\n%s", err, diff)
	}
	if hasCode(t, room, 2) {
		t.Error("a code of no hash was found")
	}
	if err := room.Store.RevokeClient(t.Context(), "c1", act("client.revoke")); err != nil {
		t.Fatalf("RevokeClient = %v", err)
	}
	if hasCode(t, room, 1) {
		t.Error("a revoked client kept a code")
	}
	if err := room.Store.SaveCode(t.Context(), aCode(3, "grace"), act("client.allow")); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("a code of a revoked client gave %v; want ErrNotFound", err)
	}
	wantDid(t, room, "client.create", "client.allow", "client.revoke")
}

func usesCodes(t *testing.T, room AccountsRoom) {
	mustCreate(t, room, aClient("c1"), nil)
	mustSaveCode(t, room, aCode(1, "grace"))
	issue := anIssue(1, nil)
	issue.Code, issue.Token.Created = "k0001", noon.Add(time.Second)
	mustIssue(t, room, issue)
	got, err := room.Store.Code(t.Context(), aCode(1, "grace").Hash)
	if err != nil || !got.Used.Equal(noon.Add(time.Second)) {
		t.Errorf("the code was used at %v, %v; want a second past noon", got.Used, err)
	}
	for number, code := range map[int]string{2: "k0001", 3: "k0009"} {
		again := anIssue(number, nil)
		again.Code = code
		if err := room.Store.Issue(t.Context(), again); !errors.Is(err, accounts.ErrStale) {
			t.Errorf("an issue for the code %s, which is used or unknown = %v; want ErrStale", code, err)
		}
	}
	wantTokens(t, room, "t0001")
}

func boundsCodes(t *testing.T, room AccountsRoom) {
	mustCreate(t, room, aClient("c1"), nil)
	mustSaveCode(t, room, aCode(0, "ada"))
	for n := range accounts.MaxClientCodes + 1 {
		mustSaveCode(t, room, aCode(n+1, "grace"))
	}
	for number, want := range map[int]bool{0: true, 1: false, 2: true, accounts.MaxClientCodes + 1: true} {
		if got := hasCode(t, room, number); got != want {
			t.Errorf("code %d is there: %t; want %t", number, got, want)
		}
	}
	late := aCode(100, "grace")
	late.Created = noon.Add(accounts.CodeLife + accounts.CodeKnown - time.Second)
	late.Expires = late.Created.Add(accounts.CodeLife)
	mustSaveCode(t, room, late)
	if !hasCode(t, room, 0) {
		t.Error("a code went before its time")
	}
	later := aCode(101, "grace")
	later.Created = noon.Add(accounts.CodeLife + accounts.CodeKnown)
	later.Expires = later.Created.Add(accounts.CodeLife)
	mustSaveCode(t, room, later)
	if hasCode(t, room, 0) || !hasCode(t, room, 100) {
		t.Error("of two codes the one that is over is to go, and no other")
	}
}
