package subscription_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hooktree/trees"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

func TestSetups_are_read_with_their_defaults(t *testing.T) {
	t.Parallel()

	usual := subscription.Settings{"crust": "soft", "window": "1s", "label": "", "shelves": "3", "home": "urn:bakery", "rest": "5d", "zone": "UTC"}
	for yaml, want := range map[string]map[string]subscription.Settings{
		"":                       {},
		"dialects:":              {},
		"dialects: {}":           {},
		"dialects: {plain: }":    {"plain": usual},
		"dialects: {plain: {}}":  {"plain": usual},
		"dialects: {shaken: {}}": {"shaken": {}},
		"dialects: {plain: {crust: hard, window: 30s, label: Fresh, shelves: 7, home: 'https://x.example', rest: 30d}}": {
			"plain": {"crust": "hard", "window": "30s", "label": "Fresh", "shelves": "7", "home": "https://x.example", "rest": "30d", "zone": "UTC"},
		},
	} {
		found, faults := setups(yaml)
		got := map[string]subscription.Settings{}
		for name, s := range found {
			got[name] = s.Settings
		}
		if diff := cmp.Diff(want, got); diff != "" || len(faults) > 0 {
			t.Errorf("%q (-want +got):\n%s%s", yaml, diff, faults.Render())
		}
	}
}

func TestSetups_are_refused_with_their_place(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct{ name, yaml, place, want, hint string }{
		{"a dialect that there is not", "dialects: {plian: {}}", "space.yaml:2:12", `no dialect "plian"`, "did you mean plain?"},
		{"a setting that there is not", "dialects:\n  plain: {crusst: hard}", "space.yaml:3:11", "crusst", "crust"},
		{"a choice that there is not", "dialects:\n  plain: {crust: brittle}", "space.yaml:3:18", "one of soft, hard", ""},
		{"no duration", "dialects:\n  plain: {window: long}", "space.yaml:3:19", "a duration", "1s"},
		{"a duration below zero", "dialects:\n  plain: {window: -1s}", "space.yaml:3:19", "a duration", ""},
		{"a duration of years", "dialects:\n  plain: {window: 99w}", "space.yaml:3:19", "at most a day", ""},
		{"a duration longer than its own bound", "dialects:\n  plain: {rest: 31d}", "space.yaml:3:17", "at most 30 days", "5d"},
		{"a number that is none", "dialects:\n  plain: {shelves: some}", "space.yaml:3:20", "a whole number from 1 to 9", "3"},
		{"a number past its bounds", "dialects:\n  plain: {shelves: 10}", "space.yaml:3:20", "from 1 to 9", ""},
		{"a URI that is none", "dialects:\n  plain: {home: bakery}", "space.yaml:3:17", "a URI in full", "urn:bakery"},
		{"a URI without end", "dialects:\n  plain: {home: 'urn:" + strings.Repeat("x", 2000) + "'}", "space.yaml:3:17", "at most 1024 bytes", ""},
		{"a URI of nobody", "dialects:\n  plain: {home: 'https:'}", "space.yaml:3:17", "a URI in full", ""},
		{"no URI", "dialects:\n  plain: {home: ''}", "space.yaml:3:17", "a URI in full", ""},
		{"a zone that there is not", "dialects:\n  plain: {zone: Mars/Olympus}", "space.yaml:3:17", "no time zone", "Pacific/Auckland"},
		{"the machine's own zone", "dialects:\n  plain: {zone: Local}", "space.yaml:3:17", "no time zone", ""},
		{"no zone", "dialects:\n  plain: {zone: ''}", "space.yaml:3:17", "no time zone", ""},
		{"a text without end", "dialects:\n  plain: {label: " + strings.Repeat("x", 2000) + "}", "space.yaml:3:18", "at most 1024 bytes", ""},
		{"settings that are none", "dialects: {plain: [1]}", "space.yaml:2:19", "`plain:`", ""},
		{"a rule over what is not there", "dialects:\n  plain:\n    visible: user.id == data.owner and crumbs", "space.yaml:4:", "crumbs", ""},
		{"a rule over what an owner has not", "dialects:\n  plain: {visible: user.role == 'x'}", "space.yaml:3:", "role", ""},
		{"a rule that is no condition", "dialects:\n  plain: {visible: user.id}", "space.yaml:3:20", "true or false", ""},
		{"a rule that reads a secret", "dialects:\n  plain: {visible: \"secret('HR') == ''\"}", "space.yaml:3:", "secret", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			found, faults := setups(tt.yaml)
			told := faults.Render()
			if !shut(found) || !strings.Contains(told, tt.place) || !strings.Contains(told, tt.want) || !strings.Contains(told, tt.hint) {
				t.Errorf("setups = %v, faults:\n%s\nwant %q at %s, with %q", found, told, tt.want, tt.place, tt.hint)
			}
		})
	}
}

// shut reports whether each dialect is there, and shows nobody anything.
func shut(found map[string]subscription.Setup) bool {
	for _, d := range dialects() {
		setup, ok := found[d.Name]
		if !ok || setup.Visible == nil || !cmp.Equal(setup.Settings, d.Defaults()) {
			return false
		}
		if _, err := setup.Visible.Eval(map[string]any{}); err == nil || !strings.Contains(err.Error(), "space.yaml") {
			return false
		}
	}
	return len(found) > 0
}

// What a file that cannot be read says of dialects may have been a rule.
func TestSetups_that_cannot_be_read_show_nobody_anything(t *testing.T) {
	t.Parallel()

	for _, yaml := range []string{"dialects: [plain]", "dialects: plain", "dialects: {plain: {}, plain: {}}", "dialects: {", "slug: again", "\t"} {
		if found, faults := setups(yaml); !shut(found) {
			t.Errorf("%q is read as %v, %v", yaml, found, faults)
		}
	}
	if found, faults := subscription.ReadSetups(nil, dialects(), catalogue()); !shut(found) || faults != nil {
		t.Errorf("without a file there are %v, %v", found, faults)
	}
	h := open(t, echo)
	h.made(t, of("plain", anna), draft("baked", hookURL))
	found, _ := setups("dialects: {plain: {visible: user.id ==}}")
	h.Use(catalogue(), found)
	out := h.Do(t.Context(), of("plain", anna), subscription.Dispatch{ID: "1", Object: "7"})
	if out.Refusal == nil || out.Refusal.Field != "object" || len(h.published) != 0 {
		t.Errorf("with a rule that cannot be read there are %+v, %+v", out, h.published)
	}
}

// A rule reads what any event has. What one lacks makes it fail for that one.
func TestVisible_is_read_over_owners_and_events(t *testing.T) {
	t.Parallel()

	found, faults := setups("dialects: {plain: {visible: \"user.id == data.owner_id or user.email endsWith '@example.com' and user.name == 'Bert'\"}}")
	if len(faults) > 0 {
		t.Fatal(faults.Render())
	}
	rule := found["plain"].Visible
	for _, tt := range []struct {
		owner subscription.Owner
		data  any
		want  any // nil: an error
	}{
		{anna, map[string]any{"owner_id": int64(1)}, true},
		{anna, map[string]any{"owner_id": int64(2)}, false},
		{bert, map[string]any{"owner_id": int64(7)}, true},
		{anna, map[string]any{"id": int64(1)}, nil},
		{subscription.Owner{Name: "Carl"}, map[string]any{"owner_id": int64(0)}, nil},
		{subscription.Owner{ID: 9}, map[string]any{"owner_id": int64(0)}, nil},
		{anna, nil, nil},
	} {
		got, err := rule.Eval(map[string]any{"user": tt.owner.Seen(), "data": tt.data, "event": map[string]any{}})
		if (err != nil) != (tt.want == nil) || err == nil && got != tt.want {
			t.Errorf("%s of %v: %v, %v; want %v", tt.owner.Name, tt.data, got, err, tt.want)
		}
	}
}

func TestSchema_knows_what_the_reader_does(t *testing.T) {
	t.Parallel()

	text, err := json.Marshal(subscription.Schema(dialects()))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"plain":{`, `"shaken":{`, `"enum":["soft","hard"]`, `"default":"1s"`, `"minimum":1`, `"maximum":9`, `"default":3`, `"format":"uri"`, `"visible":{`, `"additionalProperties":false`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the schema lacks %s: %s", part, text)
		}
	}
}

func TestUse_takes_another_catalogue_and_other_settings_up(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	d := draft("baked", hookURL)
	d.Filter = new("data.loaves > 2")
	h.made(t, of("plain", anna), d)
	h.see(t, "user.id == 1")
	if e := h.Set().Wanting("bakery", "Baked"); len(e) != 1 || e[0].Visible == nil || e[0].Visible.String() != "user.id == 1" {
		t.Errorf("with a rule events find %+v", e)
	}
	h.Use(event.NewCatalogue(), nil)
	if e := h.Set().Wanting("bakery", "Baked"); len(e) != 0 {
		t.Errorf("what is not offered any more is found: %+v", e)
	}
	if lost := h.Unserved(); len(lost) != 1 || lost[0].Event != "baked" {
		t.Errorf("unserved are %+v", lost)
	}
	if r := h.Do(t.Context(), of("plain", anna), subscription.Trigger{ID: "1", Object: "1"}).Refusal; r == nil || r.Code != subscription.Invalid {
		t.Errorf("what is not offered any more is triggered: %+v", r)
	}
	other := bakery()
	other.Kinds[0] = event.Own("bakery", "Baked", event.Path{Group: "Bakery", Name: "Baked"}, nil, "id")
	delete(other.Kinds[0].Names, "data")
	h.Use(event.NewCatalogue(other), nil)
	e := h.Set().Wanting("bakery", "Baked")
	if len(e) != 1 || e[0].Filter == nil || e[0].Filter.String() != *d.Filter {
		t.Fatalf("with another declaration events find %+v", e)
	}
	if v, err := e[0].Filter.Eval(map[string]any{"data": map[string]any{"loaves": int64(3)}}); err == nil || !strings.Contains(err.Error(), "does not fit the event any more") {
		t.Errorf("a filter that no longer compiles gives %v, %v", v, err)
	}
	h.Use(catalogue(), nil)
	if e := h.Set().Wanting("bakery", "Baked"); len(e) != 1 || e[0].Visible != nil || len(h.Unserved()) != 0 {
		t.Errorf("back again events find %+v", e)
	}
}

func FuzzReadSetups(f *testing.F) {
	for _, seed := range []string{
		"", "dialects:", "dialects: {plain: {crust: hard}}", "dialects: {plain: {visible: user.id == 1}}", "dialects: &a {plain: *a}",
		"dialects: [plain]", "dialects: {plain: {window: 1s, window: 2s}}", "dialects:\n  plain:\n    visible: |\n      user.id ==\n",
		"dialects: {plain: {visible: {a: b}}}", "dialects: !!binary x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, yaml string) {
		files := []trees.File{{Path: trees.SpaceFile, Content: []byte(yaml)}}
		found, faults := subscription.ReadSetups(files, dialects(), catalogue())
		if len(faults.Fatal()) > 0 && !shut(found) {
			t.Errorf("with faults there are setups: %v", found)
		}
		for name, s := range found {
			for option, value := range s.Settings {
				if option == "crust" && value != "soft" && value != "hard" {
					t.Errorf("%s has the crust %q", name, value)
				}
			}
		}
	})
}

func FuzzCreate(f *testing.F) {
	f.Add("baked", hookURL, "data.loaves > 2", "whsec_AAAA")
	f.Add("baked", hookURL, "data.loaves > 2", ownSecret)
	f.Add("", "", "", "")
	f.Add("bakd", "http://127.0.0.1", "((((", "x")
	f.Add("baked", "https://[::1]%25eth0/", "true", "whsec_")
	f.Add("baked", "HTTPS://Shop.example.com:99999/\x00", "nodes.x", "")
	f.Fuzz(func(t *testing.T, name, address, filter, secret string) {
		h := open(t, echo)
		out := h.Do(t.Context(), of("plain", anna), subscription.Create{Drafts: []subscription.Draft{{Event: name, URL: address, Filter: &filter, Secret: secret}}})
		kept, _ := h.shelf.Subscriptions(t.Context())
		if out.Refusal != nil {
			if out.Refusal.Message == "" || out.Refusal.Code == subscription.Failed || len(kept) != 0 {
				t.Errorf("refused with %+v, stored %d", out.Refusal, len(kept))
			}
			return
		}
		sub := only(t, out)
		entry := h.Set().Wanting("bakery", "Baked")
		if len(kept) != 1 || !strings.HasPrefix(strings.ToLower(sub.URL), "http") || len(sub.Secrets) != 1 {
			t.Errorf("made was %+v, stored %d", sub, len(kept))
		}
		if name == "baked" && len(entry) != 1 {
			t.Error("events do not find it")
		}
	})
}
