package event_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/engine"
	"hooktree/webhooks/event"
)

// shop is an open platform.
func shop() event.Platform {
	return event.Platform{Name: "shop", Open: &event.Open{Title: "Shop", Entity: [][]string{{"id"}}}}
}

func TestAnOpenPlatform_knowsEveryWellFormedName(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name  string
		paths []string // of the ladder; none for a name that is refused
		wider []string
	}{
		{"push", []string{"Shop / push"}, nil},
		{"orders/create", []string{"Shop > orders / create"}, nil},
		{"a/b/c.d.e", []string{"Shop > a > b / c.d.e", "Shop > a > b / c.d", "Shop > a > b / c"}, []string{"a/b/c.d", "a/b/c"}},
		{"Order created", []string{"Shop / Order created"}, nil},
		{"urn:order:paid", []string{"Shop / urn:order:paid"}, nil},
		{"größe.geändert", []string{"Shop / größe.geändert", "Shop / größe"}, []string{"größe"}},
		{strings.Repeat("x", event.MaxOpenName), []string{"Shop / " + strings.Repeat("x", event.MaxOpenName)}, nil},
		{strings.Repeat("x", event.MaxOpenName+1), nil, nil},
		{"", nil, nil},
		{".a", nil, nil},
		{"a.", nil, nil},
		{"a..b", nil, nil},
		{"a//b", nil, nil},
		{"a./b", nil, nil},
		{"a / b", nil, nil},
		{"a > b", nil, nil},
		{" a", nil, nil},
		{"a\nb", nil, nil},
		{"${ secret }", nil, nil},
		{"[kapp]", nil, nil},
	}
	c := event.NewCatalogue(shop())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			kind, fault := c.Find("shop", tt.name)
			if tt.paths == nil {
				if fault == nil || fault.Code != event.CodeUnknownName || fault.Hint == "" {
					t.Errorf("Find gave %v, %v; want a fault with a hint", kind, fault)
				}
				return
			}
			if fault != nil {
				t.Fatal(fault)
			}
			var paths []string
			for _, p := range kind.Paths(event.Scope{}) {
				paths = append(paths, p.String())
			}
			if diff := cmp.Diff(tt.paths, paths); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.wider, kind.Wider()); diff != "" {
				t.Errorf("wider (-want +got):\n%s", diff)
			}
		})
	}
}

// A tree's title leads back to the event that fires it.
func TestAnOpenPlatform_findsTheKindOfAPath(t *testing.T) {
	t.Parallel()

	tests := []struct {
		group, name string
		want        string // the action; empty for none
		known       bool   // Names finds the title sound
	}{
		{"Shop", "push", "push", true},
		{"Shop > orders", "create", "orders/create", true},
		{"Shop > orders > draft", "create.x", "orders/draft/create.x", true},
		{"Shop", "a > b", "", false},
		{"Shop", "orders/create", "", false}, // its group would be Shop > orders
		{"Shop > ", "x", "", false},
		{"Approvals", "push", "", true}, // no event's: a webhook may fire it
		{"Shoq", "push", "", false},     // a slip away from one
		{"Submissions > Shop", "x", "", false},
	}
	c := event.NewCatalogue(shop())
	for _, tt := range tests {
		path := event.Path{Group: tt.group, Name: tt.name}
		kind, _ := c.KindAt(path)
		got := ""
		if kind != nil {
			got = kind.Action
		}
		names, known := c.Names(path, nil)
		if got != tt.want || known != tt.known {
			t.Errorf("%s: got the action %q, known %t; want %q, %t", path, got, known, tt.want, tt.known)
		}
		if tt.want != "" && (names["data"].Kind != engine.KindAny || names["event"].Fields["source"].Kind != engine.KindText) {
			t.Errorf("%s: the names are %v", path, names)
		}
	}
}

func TestACatalogue_listsAnOpenPlatformAmongItsTypes(t *testing.T) {
	t.Parallel()

	c := event.NewCatalogue(shop(), warehouse())
	if types := c.Types(); types[len(types)-2] != "shop" {
		t.Errorf("the types are %v", types)
	}
	_, fault := c.Find("warehouse", "StockLo")
	if fault == nil || cmp.Diff([]string{"StockLow"}, fault.Suggestions) != "" {
		t.Errorf("a closed platform gave %v beside an open one; want a suggestion", fault)
	}
}

// An event is read from its body again, so that the two must agree.
func TestCompose_makesABodyThatReadsAsTheEvent(t *testing.T) {
	t.Parallel()

	c := event.NewCatalogue(shop(), warehouse())
	m := event.Message{
		Platform: "shop", Name: "orders/create", ID: "d-1", Source: "store", Occurred: noon.Add(-time.Minute),
		Data: []byte("{ \"id\": 7,\n \"total\": 1.50 }"), Raw: "id=7&x=\"<>",
	}
	e, err := event.Compose(m, c, noon)
	if err != nil {
		t.Fatal(err)
	}
	want := event.Event{
		ExternalID: "d-1", Platform: "shop", Type: "shop", Action: "orders/create", Path: "Shop > orders / create",
		Entity: "7", Occurred: noon.Add(-time.Minute), Received: noon, Body: e.Body,
		Data: map[string]any{
			"event": map[string]any{"platform": "shop", "name": "orders/create", "id": "d-1", "timestamp": "2026-04-08T11:59:00Z", "source": "store"},
			"data":  map[string]any{"id": int64(7), "total": 1.5},
			"raw":   "id=7&x=\"<>",
		},
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.Contains(string(e.Body), string(m.Data)) || !json.Valid(e.Body) {
		t.Errorf("the body is %s; want the data in it as it was sent", e.Body)
	}
	again, err := event.Compose(m, c, noon.Add(time.Hour))
	if err != nil || string(again.Body) != string(e.Body) {
		t.Errorf("an hour later the body is %s (%v); want the same", again.Body, err)
	}
}

func TestCompose_refusesWhatTheCatalogueDoesNotKnow(t *testing.T) {
	t.Parallel()

	c := event.NewCatalogue(shop(), warehouse())
	for name, m := range map[string]event.Message{
		"another platform":                            {Platform: "shoq", Name: "push", Data: []byte("{}")},
		"an event of no platform":                     {Platform: "warehouse", Name: "StockLo", Data: []byte("{}")},
		"an ill-formed name":                          {Platform: "shop", Name: "a > b", Data: []byte("{}")},
		"data that is no JSON":                        {Platform: "shop", Name: "push", Data: []byte("{")},
		"data of a closed platform that is no object": {Platform: "warehouse", Name: "StockLow", Data: []byte("[]")},
	} {
		_, err := event.Compose(m, c, noon)
		if refusal, ok := errors.AsType[*event.Refusal](err); !ok || refusal.Faults[0].Hint == "" {
			t.Errorf("%s: Compose gave %v; want a refusal with a hint", name, err)
		}
	}
}

func FuzzOpenName(f *testing.F) {
	for _, name := range []string{"push", "orders/create", "a.b.c", "a / b", "x:y", "", "Ünïcode", "\xff"} {
		f.Add(name)
	}
	c := event.NewCatalogue(shop())
	f.Fuzz(func(t *testing.T, name string) {
		kind, fault := c.Find("shop", name)
		if (fault == nil) != event.OpenName(name) {
			t.Fatalf("Find says %v of a name that is well-formed: %t", fault, event.OpenName(name))
		}
		if fault != nil {
			return
		}
		// Each step of the ladder is the path of an action that stands for it.
		for i, path := range kind.Paths(event.Scope{}) {
			found, _ := c.KindAt(path)
			want := append([]string{kind.Action}, kind.Wider()...)[i]
			if found == nil || found.Action != want {
				t.Errorf("%q: the path %s leads to %v; want %s", name, path, found, want)
			}
		}
	})
}
