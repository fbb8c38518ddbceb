package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/server/accounts"
)

// AccessKeysRoom is an empty store of access keys, with its audit rows, oldest
// first.
type AccessKeysRoom struct {
	Store  accounts.AccessKeys
	Audits func(context.Context) ([]accounts.Audit, error)
}

// AccessKeys holds a store to what [accounts.AccessKeys] promises. Open gives
// an empty one; it is called once a test.
func AccessKeys(t *testing.T, open func(*testing.T) AccessKeysRoom) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, AccessKeysRoom){
		"an access key is kept as it was saved":                    keepsAccessKeys,
		"an access key can be changed, renamed and removed":        changesAccessKeys,
		"a refused change of an access key leaves all as it was":   refusesAccessKeyChanges,
		"each act on access keys leaves one audit row, in order":   auditsAccessKeys,
		"access keys are listed by identifier, whenever they came": listsAccessKeys,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func aKey(identifier string) accounts.AccessKey {
	return accounts.AccessKey{Identifier: identifier, Secret: []byte("s3cr3t ü of " + identifier), Description: "for tests", Created: noon}
}

func mustSaveKeys(t *testing.T, room AccessKeysRoom, changes ...accounts.AccessKeyChange) {
	t.Helper()
	for _, c := range changes {
		if err := room.Store.SaveAccessKey(t.Context(), c); err != nil {
			t.Fatalf("SaveAccessKey(%q, %q) = %v", c.Was, c.Key.Identifier, err)
		}
	}
}

// wantKeys wants a list of access keys, and each by its identifier.
func wantKeys(t *testing.T, room AccessKeysRoom, want ...accounts.AccessKey) {
	t.Helper()
	list, err := room.Store.AccessKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, list); diff != "" && len(want)+len(list) > 0 {
		t.Errorf("the list differs (-want +got):\n%s", diff)
	}
	for _, key := range want {
		got, err := room.Store.AccessKey(t.Context(), key.Identifier)
		if err != nil {
			t.Fatalf("AccessKey(%s) = %v", key.Identifier, err)
		}
		if diff := cmp.Diff(key, got); diff != "" {
			t.Errorf("AccessKey(%s) differs (-want +got):\n%s", key.Identifier, diff)
		}
	}
}

func keepsAccessKeys(t *testing.T, room AccessKeysRoom) {
	if _, err := room.Store.AccessKey(t.Context(), "platform"); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("an unknown key gave %v; want ErrNotFound", err)
	}
	mustSaveKeys(t, room, accounts.AccessKeyChange{Key: aKey("platform"), Audit: act("access-key.create")})
	wantKeys(t, room, aKey("platform"))
}

func listsAccessKeys(t *testing.T, room AccessKeysRoom) {
	for _, identifier := range []string{"b", "c", "a"} {
		mustSaveKeys(t, room, accounts.AccessKeyChange{Key: aKey(identifier), Audit: act("access-key.create")})
	}
	wantKeys(t, room, aKey("a"), aKey("b"), aKey("c"))
}

func changesAccessKeys(t *testing.T, room AccessKeysRoom) {
	changed, renamed := aKey("platform"), aKey("theirs")
	changed.Secret, changed.Description, renamed.Created = []byte("another"), "", noon.Add(time.Hour)
	mustSaveKeys(t, room,
		accounts.AccessKeyChange{Key: aKey("platform"), Audit: act("access-key.create")},
		accounts.AccessKeyChange{Was: "platform", Key: changed, Audit: act("access-key.update")},
	)
	wantKeys(t, room, changed)
	mustSaveKeys(t, room, accounts.AccessKeyChange{Was: "platform", Key: renamed, Audit: act("access-key.update")})
	wantKeys(t, room, renamed)
	mustSaveKeys(t, room, accounts.AccessKeyChange{Was: "theirs", Remove: true, Audit: act("access-key.delete")})
	wantKeys(t, room)
}

func refusesAccessKeyChanges(t *testing.T, room AccessKeysRoom) {
	mustSaveKeys(t, room,
		accounts.AccessKeyChange{Key: aKey("a"), Audit: act("access-key.create")},
		accounts.AccessKeyChange{Key: aKey("b"), Audit: act("access-key.create")},
	)
	for _, tt := range []struct {
		name   string
		change accounts.AccessKeyChange
		want   error
	}{
		{"a new key of a known identifier", accounts.AccessKeyChange{Key: aKey("a")}, accounts.ErrExists},
		{"a new identifier that another key has", accounts.AccessKeyChange{Was: "b", Key: aKey("a")}, accounts.ErrExists},
		{"a change of a key that is not there", accounts.AccessKeyChange{Was: "c", Key: aKey("d")}, accounts.ErrNotFound},
		{"the removal of a key that is not there", accounts.AccessKeyChange{Was: "c", Remove: true}, accounts.ErrNotFound},
	} {
		tt.change.Audit = act("access-key.refused")
		if err := room.Store.SaveAccessKey(t.Context(), tt.change); !errors.Is(err, tt.want) {
			t.Errorf("%s gave %v; want %v", tt.name, err, tt.want)
		}
	}
	wantKeys(t, room, aKey("a"), aKey("b"))
	wantKeyAudits(t, room, "access-key.create", "access-key.create")
}

func auditsAccessKeys(t *testing.T, room AccessKeysRoom) {
	mustSaveKeys(t, room,
		accounts.AccessKeyChange{Key: aKey("a"), Audit: act("access-key.create")},
		accounts.AccessKeyChange{Was: "a", Key: aKey("b"), Audit: act("access-key.update")},
		accounts.AccessKeyChange{Was: "b", Remove: true, Audit: act("access-key.delete")},
	)
	wantKeyAudits(t, room, "access-key.create", "access-key.update", "access-key.delete")
}

func wantKeyAudits(t *testing.T, room AccessKeysRoom, did ...string) {
	t.Helper()
	var want []accounts.Audit
	for _, d := range did {
		want = append(want, act(d))
	}
	got, err := room.Audits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the audit differs (-want +got):\n%s", diff)
	}
}
