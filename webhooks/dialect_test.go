package webhooks_test

import (
	"errors"
	"testing"
	"time"

	"hooktree/trees"
	"hooktree/webhooks"
)

func TestCompile_leaves_out_what_no_longer_compiles(t *testing.T) {
	t.Parallel()

	updated := time.Date(2026, 4, 8, 12, 0, 0, 0, time.UTC)
	record := func(name, dialect, kapp, rest string) webhooks.Record {
		return webhooks.Record{
			Name: name, Dialect: dialect, Kapp: kapp, Hash: "hash of " + name, Updated: updated,
			Source: []byte(`{"name":"` + name + `","type":"Submission","event":"Created",` + rest + `}`),
		}
	}
	good, broken := webhooks.Compile([]webhooks.Record{
		record("well", "", "", `"tree":"A / B"`),
		record("in its kapp", "", "services", `"kapp":"services","tree":"A / B"`),
		record("without a target", "", "", `"note":"x"`),
		record("of another kapp", "", "hr", `"kapp":"services","tree":"A / B"`),
		record("of a dialect that is gone", "esperanto", "", `"tree":"A / B"`),
	}, map[string]webhooks.Dialect{"": reader().Dialect})
	if len(good) != 2 || good[0].Name != "well" || good[1].Kapp != "services" {
		t.Fatalf("compiled: %+v", good)
	}
	if w := good[0]; w.Hash != "hash of well" || w.Origin != "api" || !w.Updated.Equal(updated) {
		t.Errorf("webhook %+v", w)
	}
	want := []string{
		`webhook "without a target": webhook:1:1: there is no target`,
		`webhook "of another kapp": the webhook "of another kapp" names the kapp "services", and is kept for "hr"`,
		`webhook "of a dialect that is gone": the dialect "esperanto" is not known`,
	}
	for i, u := range broken {
		if i >= len(want) || u.Error() != want[i] {
			t.Errorf("unreadable: %v", u)
		}
	}
	var faults trees.Faults
	if len(broken) != len(want) || !errors.As(broken[0], &faults) {
		t.Errorf("%d unreadable; want %d, the first with its faults", len(broken), len(want))
	}
}
