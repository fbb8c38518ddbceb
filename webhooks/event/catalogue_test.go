package event_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/engine"
	"hooktree/webhooks/event"
)

var noon = time.Date(2026, 4, 8, 12, 0, 0, 0, time.UTC)

// warehouse is an own platform with one event.
func warehouse() event.Platform {
	fields := map[string]engine.Type{"sku": {Kind: engine.KindText}, "left": {Kind: engine.KindInteger}}
	low := event.Own("warehouse", "StockLow", event.Path{Group: "Warehouse > stock", Name: "StockLow"}, fields, "sku")
	return event.Platform{Name: "warehouse", Kinds: []*event.Kind{low}}
}

func parse(t *testing.T, c *event.Catalogue, body string) event.Event {
	t.Helper()
	e, err := event.Parse([]byte(body), c, noon)
	if err != nil {
		t.Fatalf("Parse(%s): %v", body, err)
	}
	return e
}

// body is a payload with everything that any scope asks for.
func body(typ, action string) string {
	return fmt.Sprintf(`{"event":{"type":%q,"action":%q},"kapp":{"slug":"services"},"form":{"slug":"laptop"},`+
		`"submission":{"id":"s-1"},"user":{"username":"u-1"},"team":{"slug":"t-1"},"space":{"slug":"acme"},"discussion":{"id":"d-1"}}`, typ, action)
}

// The naming table of the vendor's documents, row by row.
func TestCatalogue_gives_the_fourteen_documented_paths(t *testing.T) {
	t.Parallel()

	rows := []struct{ typ, action, want string }{
		{"User", "Created", "Users / Created"},
		{"User", "Updated", "Users / Updated"},
		{"User", "Deleted", "Users / Deleted"},
		{"Team", "Created", "Teams / Created"},
		{"Team", "Updated", "Teams / Updated"},
		{"Team", "Deleted", "Teams / Deleted"},
		{"Datastore Form", "Created", "Datastore Forms > laptop / Created"},
		{"Datastore Form", "Updated", "Datastore Forms > laptop / Updated"},
		{"Datastore Submission", "Created", "Datastore Submissions > laptop / Created"},
		{"Datastore Submission", "Submitted", "Datastore Submissions > laptop / Submitted"},
		{"Form", "Created", "services > laptop / Created"},
		{"Form", "Updated", "services > laptop / Updated"},
		{"Submission", "Created", "Submissions > services > laptop / Created"},
		{"Submission", "Submitted", "Submissions > services > laptop / Submitted"},
	}
	c := event.NewCatalogue()
	for _, row := range rows {
		t.Run(row.want, func(t *testing.T) {
			t.Parallel()

			if got := parse(t, c, body(row.typ, row.action)).Path; got != row.want {
				t.Errorf("path = %q; want %q", got, row.want)
			}
		})
	}
}

// Where real exports look for trees besides the documented table.
func TestCatalogue_gives_the_ladder_of_every_type(t *testing.T) {
	t.Parallel()

	tests := []struct {
		typ, action string
		entity      string
		want        []string
	}{
		{"Submission", "Saved", "s-1", []string{"Submissions > services > laptop / Saved", "Submissions > services / Saved", "Submissions / Saved"}},
		{"Form", "Deleted", "laptop", []string{"services > laptop / Deleted", "Forms > services > laptop / Deleted", "Forms > services / Deleted", "Forms / Deleted"}},
		{"Datastore Submission", "Created", "s-1", []string{
			"Datastore Submissions > laptop / Created", "Datastore Submissions > laptop / Saved", "Datastore Submissions / Created", "Datastore Submissions / Saved",
		}},
		{"Datastore Submission", "Updated", "s-1", []string{
			"Datastore Submissions > laptop / Updated", "Datastore Submissions > laptop / Saved", "Datastore Submissions / Updated", "Datastore Submissions / Saved",
		}},
		{"Datastore Submission", "Deleted", "s-1", []string{"Datastore Submissions > laptop / Deleted", "Datastore Submissions / Deleted"}},
		{"Datastore Form", "Deleted", "laptop", []string{"Datastore Forms > laptop / Deleted", "Datastore Forms / Deleted"}},
		{"User", "Login", "u-1", []string{"Users / Login"}},
		{"Team", "Membership Change", "t-1", []string{"Teams / Membership Change", "Teams / Team Membership Change"}},
		{"Space", "Login Failure", "acme", []string{"Space / Login Failure"}},
		{"Kapp", "Updated", "services", []string{"Kapps > services / Updated", "Kapps / Updated"}},
		{"Discussion", "Discussion Created", "d-1", []string{"Discussion / Created"}},
		{"Discussion", "Invitation Created", "d-1", []string{"Discussion > Invitation / Created"}},
		{"Discussion", "Invitation Updated", "d-1", []string{"Discussion > Invitation / Updated", "Discussion > Invitation / Created"}},
		{"Discussion", "Notification", "d-1", []string{"Discussion > Notification / Created"}},
	}
	c := event.NewCatalogue()
	for _, tt := range tests {
		t.Run(tt.typ+" "+tt.action, func(t *testing.T) {
			t.Parallel()

			e := parse(t, c, body(tt.typ, tt.action))
			kind, fault := c.KindOf(e)
			if fault != nil {
				t.Fatalf("KindOf: %v", fault)
			}
			var got []string
			for _, p := range kind.Paths(e.Scope) {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ladder (-want +got):\n%s", diff)
			}
			if e.Path != tt.want[0] || e.Entity != tt.entity {
				t.Errorf("path %q, entity %q; want %q, %q", e.Path, e.Entity, tt.want[0], tt.entity)
			}
		})
	}
}

func TestCatalogue_has_every_documented_type_and_action(t *testing.T) {
	t.Parallel()

	want := map[string][]string{
		"Space":                {"Login Failure", "Created", "Updated", "Deleted"},
		"User":                 {"Created", "Updated", "Deleted", "Login", "Logout", "Membership Change"},
		"Team":                 {"Created", "Updated", "Deleted", "Restored", "Membership Change"},
		"Kapp":                 {"Created", "Updated"},
		"Form":                 {"Created", "Updated", "Deleted", "Restored"},
		"Submission":           {"Created", "Submitted", "Updated", "Saved", "Closed", "Deleted"},
		"Datastore Form":       {"Created", "Updated", "Deleted", "Restored", "Saved", "Submitted"},
		"Datastore Submission": {"Created", "Submitted", "Updated", "Saved", "Deleted"},
		"Discussion":           {"Discussion Created", "Invitation Created", "Invitation Updated", "Notification"},
		"warehouse":            {"StockLow"},
	}
	c := event.NewCatalogue(warehouse())
	got := map[string][]string{}
	for _, typ := range c.Types() {
		got[typ] = c.Actions(typ)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("catalogue (-want +got):\n%s", diff)
	}
	if got := len(c.Kinds()); got != 43 {
		t.Errorf("%d kinds; want 43", got)
	}
}

func TestCatalogue_takes_both_dialects_in_either_member(t *testing.T) {
	t.Parallel()

	c := event.NewCatalogue()
	for _, tt := range []struct{ typ, action, wantType, wantAction string }{
		{"Submission", "Submitted", "Submission", "Submitted"},
		{"Submission", "Submission Submitted", "Submission", "Submitted"},
		{"Submission Submitted", "Submission Submitted", "Submission", "Submitted"},
		{"Datastore Submission", "Datastore Submission Created", "Datastore Submission", "Created"},
		{"Team", "Team Membership Change", "Team", "Membership Change"},
		{"Discussion", "Created", "Discussion", "Discussion Created"},
		{"Discussion", "Discussion Invitation Created", "Discussion", "Invitation Created"},
	} {
		t.Run(tt.typ+", "+tt.action, func(t *testing.T) {
			t.Parallel()

			e := parse(t, c, body(tt.typ, tt.action))
			if e.Platform != event.Kinetic || e.Type != tt.wantType || e.Action != tt.wantAction {
				t.Errorf("event is %s: %s, %s; want %s, %s", e.Platform, e.Type, e.Action, tt.wantType, tt.wantAction)
			}
		})
	}
}

func TestNames_declare_what_a_tree_may_read(t *testing.T) {
	t.Parallel()

	cost := map[string]engine.Type{"Cost": {Kind: engine.KindNumber}}
	c := event.NewCatalogue(warehouse())
	tests := []struct {
		name      string
		path      event.Path
		wantKnown bool
		wantNames []string // must be there
		wantNone  []string // must not
	}{
		{"a submission has values", event.Path{Group: "Submissions > services > laptop", Name: "Submitted"}, true, []string{"event", "values", "submission", "previous"}, []string{"team", "data"}},
		{"a rung of the ladder is as good", event.Path{Group: "Submissions", Name: "Closed"}, true, []string{"values"}, []string{"user"}},
		{"a form has none", event.Path{Group: "services > laptop", Name: "Created"}, true, []string{"form"}, []string{"values"}},
		{"a datastore's Saved", event.Path{Group: "Datastore Submissions > people", Name: "Saved"}, true, []string{"values"}, []string{"kapp"}},
		{"a second name of an action", event.Path{Group: "Teams", Name: "Team Membership Change"}, true, []string{"team", "membership"}, []string{"values"}},
		{"an own event has data", event.Path{Group: "Warehouse > stock", Name: "StockLow"}, true, []string{"data"}, []string{"values"}},
		{"a group of no event may read all", event.Path{Group: "Approvals", Name: "Complete"}, true, []string{"values", "team", "data"}, nil},
		{"words with blanks are no form", event.Path{Group: "Work Orders > Rush Jobs", Name: "Run"}, true, []string{"values", "team"}, nil},
		{"an unknown action of an event's group", event.Path{Group: "Submissions > services > laptop", Name: "Submited"}, false, nil, nil},
		{"an event's group with a slip in it", event.Path{Group: "Submission > services > laptop", Name: "Submitted"}, false, nil, nil},
		{"a group that only looks like one", event.Path{Group: "Submission checks", Name: "Run"}, true, []string{"values"}, nil},
		{"an unknown action of a form", event.Path{Group: "services > laptop", Name: "Create"}, false, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			names, known := c.Names(tt.path, cost)
			if known != tt.wantKnown {
				t.Fatalf("known = %t; want %t", known, tt.wantKnown)
			}
			for _, name := range tt.wantNames {
				if _, ok := names[name]; !ok {
					t.Errorf("%s is missing", name)
				}
			}
			for _, name := range tt.wantNone {
				if _, ok := names[name]; ok {
					t.Errorf("%s should not be there", name)
				}
			}
		})
	}
	names, _ := c.Names(event.Path{Group: "Submissions > services > laptop", Name: "Submitted"}, cost)
	if got := names["values"].Fields["Cost"].Kind; got != engine.KindNumber {
		t.Errorf("values.Cost is %s; want the form's number", got)
	}
}

func TestNear_finds_the_path_that_was_meant(t *testing.T) {
	t.Parallel()

	c := event.NewCatalogue(warehouse())
	for _, tt := range []struct {
		path event.Path
		want []string
	}{
		{event.Path{Group: "Submissions > services > laptop", Name: "Submited"}, []string{"Submissions > services > laptop / Submitted"}},
		{event.Path{Group: "Submission > services > laptop", Name: "Created"}, []string{"Submissions > services > laptop / Created"}},
		{event.Path{Group: "Warehouse > stock", Name: "StockLo"}, []string{"Warehouse > stock / StockLow"}},
		{event.Path{Group: "Something else", Name: "Run"}, nil},
	} {
		if diff := cmp.Diff(tt.want, c.Near(tt.path)); diff != "" {
			t.Errorf("Near(%v) (-want +got):\n%s", tt.path, diff)
		}
	}
}

func TestReserved_names_belong_to_the_built_in_types(t *testing.T) {
	t.Parallel()

	for name, want := range map[string]bool{"kinetic": true, "Submission": true, "Submissions": true, "Users": true, "warehouse": false, "Warehouse": false} {
		if got := event.Reserved(name); got != want {
			t.Errorf("Reserved(%q) = %t; want %t", name, got, want)
		}
	}
}

func TestMeant_readsATypeAsTheNameOfAnEvent(t *testing.T) {
	t.Parallel()

	c := event.NewCatalogue(warehouse(), shop())
	for _, tt := range []struct{ platform, typ, want string }{
		{"warehouse", "StockLow", "StockLow"},
		{"warehouse", "stock_low", "StockLow"},
		{"warehouse", "com.example.warehouse.stock-low", "StockLow"},
		{"warehouse", "com.example.overstocklow", "com.example.overstocklow"},
		{"warehouse", "stocklo", "stocklo"},
		{"shop", "com.example.order.paid", "com.example.order.paid"}, // it lists none
		{"nobody", "x", "x"},
	} {
		if got := c.Meant(tt.platform, tt.typ); got != tt.want {
			t.Errorf("Meant(%s, %s) = %s; want %s", tt.platform, tt.typ, got, tt.want)
		}
	}
}
