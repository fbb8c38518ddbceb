package webhooks_test

import (
	"slices"
	"strings"
	"testing"

	"hooktree/engine"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

func TestSet_finds_webhooks_by_name_and_by_event(t *testing.T) {
	t.Parallel()

	set, err := webhooks.NewSet([]webhooks.Webhook{
		{Name: "b", Kapp: "services", Type: "Form", Action: "Created"},
		{Name: "b", Type: "Submission", Action: "Created", Inactive: true},
		{Name: "a", Type: "Submission", Action: "Created"},
	})
	if err != nil {
		t.Fatal(err)
	}
	names := func(all []*webhooks.Webhook) string {
		var names []string
		for _, w := range all {
			names = append(names, w.Kapp+"/"+w.Name)
		}
		return strings.Join(names, " ")
	}
	if got, want := names(set.All()), "/a /b services/b"; got != want {
		t.Errorf("All: %s; want %s", got, want)
	}
	if got, want := names(set.Wanting("Submission", "Created")), "/a /b"; got != want {
		t.Errorf("Wanting: %s; want %s", got, want)
	}
	if got := set.Wanting("Team", "Created"); got != nil {
		t.Errorf("Wanting an event of no webhook: %v", got)
	}
	if w, ok := set.Find("services", "b"); !ok || w.Type != "Form" {
		t.Errorf("Find: %v, %t", w, ok)
	}
	if w, ok := set.Find("hr", "b"); ok {
		t.Errorf("Find in another kapp: %v", w)
	}
	if w, ok := new(webhooks.Set).Find("", "a"); ok {
		t.Errorf("Find in the zero set: %v", w)
	}
}

// A webhook that wants `pull_request` gets `pull_request.opened` of an open
// platform, in its place among the others.
func TestSet_finds_webhooks_that_want_a_wider_event(t *testing.T) {
	t.Parallel()

	set, err := webhooks.NewSet([]webhooks.Webhook{
		{Name: "c", Type: "github", Action: "pull_request.opened"},
		{Name: "b", Type: "github", Action: "pull_request"},
		{Name: "a", Type: "github", Action: "pull"},
		{Name: "d", Type: "github", Action: "pull_request.opened"},
		{Name: "e", Type: "github", Action: "pull_request.closed"},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := event.NewCatalogue(event.Platform{Name: "github", Open: &event.Open{Title: "GitHub"}})
	for action, want := range map[string]string{"pull_request.opened": "bcd", "pull_request.closed": "be", "pull_request": "b", "push": ""} {
		kind, fault := c.Find("github", action)
		if fault != nil {
			t.Fatal(fault)
		}
		got := ""
		for _, w := range set.For(kind) {
			got += w.Name
		}
		if got != want {
			t.Errorf("%s is wanted by %q; want %q", action, got, want)
		}
	}
}

func TestSet_refuses_what_no_space_may_have(t *testing.T) {
	t.Parallel()

	_, err := webhooks.NewSet([]webhooks.Webhook{{Name: "a", Kapp: "hr"}, {Name: "a", Kapp: "hr"}})
	if err == nil || !strings.Contains(err.Error(), `two webhooks are named "a" in the kapp hr`) {
		t.Errorf("two of one name: %v", err)
	}
	if _, err := webhooks.NewSet(make([]webhooks.Webhook, webhooks.MaxWebhooks+1)); err == nil {
		t.Error("more webhooks than a space may have were taken")
	}
}

func TestReadPlatforms_fills_the_catalogue(t *testing.T) {
	t.Parallel()

	platforms, faults := webhooks.ReadPlatforms([]trees.File{
		{Path: "trees/x.yaml", Content: []byte("not one of them")},
		{Path: "events/warehouse.yaml", Content: []byte(
			"platform: warehouse\nevents:\n  - {name: StockLow, note: Order soon, entity: sku, fields: {sku: text}, sample: {sku: A-1}}\n")},
	})
	if len(faults) > 0 || len(platforms) != 1 {
		t.Fatalf("%d platforms, faults:\n%s", len(platforms), faults.Render())
	}
	kind, fault := event.NewCatalogue(platforms...).Find("warehouse", "StockLow")
	if fault != nil {
		t.Fatal(fault)
	}
	if kind.Path() != "Warehouse / StockLow" || kind.Note != "Order soon" || kind.Sample["sku"] != "A-1" || kind.Names["data"].Fields["sku"].Kind != engine.KindText {
		t.Errorf("kind %+v", kind)
	}
}

func TestNames_declare_the_fields_of_the_form(t *testing.T) {
	t.Parallel()

	r := reader()
	names := webhooks.Names(r.Catalogue, r.Space)
	for _, group := range []string{"Submissions > services > laptop", "Datastore Submissions > people"} {
		declared, known := names(engine.Title{Group: group, Name: "Submitted"})
		if values := declared["values"]; !known || values.Kind != engine.KindRecord || len(values.Fields) != 1 {
			t.Errorf("%s: values is %+v", group, values)
		}
	}
	if _, known := names(engine.Title{Group: "Users", Name: "Creatd"}); known {
		t.Error("an unknown action is known")
	}
	if near := webhooks.Near(r.Catalogue)(engine.Title{Group: "Users", Name: "Creatd"}); len(near) != 1 || near[0] != "Users / Created" {
		t.Errorf("near %v", near)
	}
}

func TestAttributes_are_found_in_an_expression(t *testing.T) {
	t.Parallel()

	const filter = `form.attributes["A b"] == nil and kapp.attributes?.Tier == space?.attributes['C'] and form.attributes["A b"] != values.attributes`
	w, faults := reader().Read([]byte("name: n\ntype: Submission\nevent: Created\nfilter: " + filter + "\ntree: A / B\n"))
	if len(faults) > 0 {
		t.Fatalf("faults:\n%s", faults.Render())
	}
	want := []webhooks.Attribute{{Of: "form", Name: "A b"}, {Of: "kapp", Name: "Tier"}, {Of: "space", Name: "C"}}
	if got := webhooks.Attributes(w.Filter); !slices.Equal(got, want) {
		t.Errorf("attributes %v; want %v", got, want)
	}
}
