package resolve_test

import (
	"strings"
	"testing"
	"time"

	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

// looping is a space in which a tree and a URL want every update.
func looping(t *testing.T) resolve.Rules {
	t.Helper()
	return rules(t, []trees.File{
		{Path: "space.yaml", Content: []byte("slug: acme\n")},
		{Path: "trees/a.yaml", Content: []byte("tree: Submissions / Updated\nnodes: [{id: done}]\n")},
		{Path: webhooks.File, Content: []byte("webhooks: [{name: Out, type: Submission, event: Updated, url: \"https://desk.example.com\"}]\n")},
	})
}

func updated(t *testing.T, r resolve.Rules, id string) event.Event {
	t.Helper()
	return parse(t, r, []byte(`{"event":{"type":"Submission","action":"Updated"},"kapp":{"slug":"k"},"form":{"slug":"f"},"submission":{"id":"`+id+`"}}`))
}

func outcomes(res resolve.Resolution) string {
	var words []string
	for _, v := range res.Verdicts {
		words = append(words, string(v.Outcome))
	}
	return strings.Join(words, ", ")
}

func TestGuard_holds_what_a_long_chain_of_runs_caused(t *testing.T) {
	t.Parallel()

	r := looping(t)
	r.Guard.MaxDepth = 3
	for depth, want := range map[int]string{0: "fired, fired", 3: "fired, fired", 4: "loop, loop"} {
		e := updated(t, r, "s-1")
		e.Cause.Depth = depth
		res := resolve.Resolve(e, r)
		if got := outcomes(res); got != want {
			t.Errorf("depth %d: %s; want %s", depth, got, want)
		}
		if held := want == "loop, loop"; held != (len(res.Firings) == 0) {
			t.Errorf("depth %d: %d firings", depth, len(res.Firings))
		}
	}
}

func TestGuard_holds_what_fires_too_often_for_one_entity(t *testing.T) {
	t.Parallel()

	r := looping(t)
	var meter resolve.Meter
	r.Guard.PerMinute, r.Guard.Recent = 3, &meter
	send := func(id string, at time.Time) string {
		e := updated(t, r, id)
		e.Received = at
		res := resolve.Resolve(e, r)
		meter.Note(e, res)
		return outcomes(res)
	}
	start := noon.Add(time.Second)
	for i, want := range []string{"fired, fired", "fired, fired", "fired, fired", "loop, loop", "loop, loop"} {
		if got := send("s-1", start); got != want {
			t.Fatalf("event %d: %s; want %s", i, got, want)
		}
	}
	if got := send("s-2", start); got != "fired, fired" {
		t.Errorf("another entity: %s", got)
	}
	if got := send("", start); got != "fired, fired" {
		t.Errorf("no entity: %s", got)
	}
	// Three in the minute before count in proportion: at its first second all of them.
	if got := send("s-1", noon.Add(time.Minute)); got != "loop, loop" {
		t.Errorf("one minute later: %s; want it held", got)
	}
	if got := send("s-1", noon.Add(100*time.Second)); got != "fired, fired" {
		t.Errorf("after most of the next minute: %s; want it released", got)
	}
	if got := send("s-1", noon.Add(10*time.Minute)); got != "fired, fired" {
		t.Errorf("much later: %s; want it released", got)
	}
}

func TestMeter_bounds_what_it_counts(t *testing.T) {
	t.Parallel()

	r := looping(t)
	var meter resolve.Meter
	e := updated(t, r, "s-1")
	res := resolve.Resolve(e, r)
	for i := range 30_000 { // two targets each
		e.Entity = "s-" + time.Duration(i).String()
		meter.Note(e, res)
	}
	if got := meter.Fired("https://desk.example.com", "s-0s", noon); got != 1 {
		t.Errorf("the first entity was counted %d times; want once", got)
	}
	if got := meter.Fired("https://desk.example.com", e.Entity, noon); got != 0 {
		t.Errorf("an entity beyond the bound was counted %d times; want none", got)
	}
}

func TestExplain_tells_of_a_webhook_that_changed(t *testing.T) {
	t.Parallel()

	r := looping(t)
	e := updated(t, r, "s-1")
	seen, err := resolve.Explain(e, webhooks.Verdict{Webhook: "Out", Filter: `submission.id == "s-1"`}, r)
	if err != nil || len(seen) == 0 || seen[0].Value != true {
		t.Errorf("an old filter of our own language: %v, %v; want it compiled again", seen, err)
	}
	if _, err := resolve.Explain(e, webhooks.Verdict{Webhook: "Out", Filter: `form('slug') === 'f'`}, r); err == nil {
		t.Error("an old filter of another language was explained")
	}
	if seen, err := resolve.Explain(e, webhooks.Verdict{Webhook: "Out"}, r); seen != nil || err != nil {
		t.Errorf("no filter: %v, %v; want nothing", seen, err)
	}
}

func TestResolve_knows_no_kind_of_a_catalogue_that_shrank(t *testing.T) {
	t.Parallel()

	r := looping(t)
	e := updated(t, r, "s-1")
	e.Action = "Evaporated"
	res := resolve.Resolve(e, r)
	if got := outcomes(res); got != "none" || !strings.Contains(res.Verdicts[0].Reason, "Evaporated") {
		t.Errorf("%s: %+v", got, res.Verdicts)
	}
}
