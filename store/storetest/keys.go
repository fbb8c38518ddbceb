package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

var keyTests = []test{
	{"an event that comes again gets the first one's receipt", repeatedEvent},
	{"a repeat in the same batch gets the first one's receipt", repeatInBatch},
	{"an external id with another body is refused by its place", reusedKey},
	{"another credential may use the same external id", otherCredential},
	{"an external id lives for a day", keyLivesADay},
	{"events without an external id are never repeats", noExternalID},
	{"a tree's key starts one run", treeKey},
	{"a tree's key counts within a batch", treeKeyInBatch},
	{"a tree's key is its own", treeKeyPerTitle},
	{"a tree's key outlives its run", treeKeyOutlives},
}

func (b *bench) keyed(id string) event.Event {
	e := b.event()
	e.ExternalID = id
	return e
}

func repeatedEvent(t *testing.T, b *bench) {
	a := b.fired(b.keyed("order-1"))
	first := b.accept(a)[0]
	again := b.accept(b.fired(b.keyed("order-1")))[0]

	want := first
	want.Duplicate = true
	b.same("the second receipt", again, want)
	if n := len(rows[jobs.Run](b)(b.store.Runs(t.Context(), jobs.RunFilter{}))); n != 1 {
		t.Errorf("%d runs were started; want 1", n)
	}
	if n := len(b.due(b.now)); n != 1 {
		t.Errorf("%d pieces of work are due; want 1", n)
	}
}

func repeatInBatch(_ *testing.T, b *bench) {
	got := b.accept(b.fired(b.keyed("order-1")), b.fired(b.keyed("order-1")))
	want := got[0]
	want.Duplicate = true
	b.same("the second receipt", got[1], want)
}

func reusedKey(t *testing.T, b *bench) {
	b.accept(b.fired(b.keyed("order-1")))
	other := b.keyed("order-1")
	other.Body = []byte(`{}`)
	_, err := b.store.Accept(t.Context(), []jobs.Acceptance{b.acceptance(), b.fired(other)})
	if !errors.Is(err, jobs.ErrKeyReused) || !strings.Contains(err.Error(), "events[1]") {
		t.Errorf("Accept gave %v; want ErrKeyReused at events[1]", err)
	}
}

func otherCredential(t *testing.T, b *bench) {
	b.accept(b.fired(b.keyed("order-1")))
	other := b.keyed("order-1")
	other.Credential = "kiosk"
	if r := b.accept(b.fired(other))[0]; r.Duplicate || r.EventID != other.ID {
		t.Errorf("the receipt is %+v; want that of a new event", r)
	}
}

func keyLivesADay(t *testing.T, b *bench) {
	first := b.keyed("order-1")
	b.accept(b.fired(first))
	b.now = first.Received.Add(jobs.DedupeWindow - 2*time.Second)
	if r := b.accept(b.fired(b.keyed("order-1")))[0]; !r.Duplicate {
		t.Error("a second before the day is over the event is new; want a duplicate")
	}
	b.tick(time.Second)
	later := b.keyed("order-1")
	later.Body = []byte(`{"another":"body"}`)
	if r := b.accept(b.fired(later))[0]; r.Duplicate {
		t.Error("after a day the event is a duplicate; want it new")
	}
	again := b.keyed("order-1")
	again.Body = later.Body
	if r := b.accept(b.fired(again))[0]; !r.Duplicate || r.EventID != later.ID {
		t.Errorf("the receipt is %+v; want that of the later event", r)
	}
}

func noExternalID(t *testing.T, b *bench) {
	for _, r := range b.accept(b.acceptance(), b.acceptance()) {
		if r.Duplicate {
			t.Error("an event without an external id is a duplicate")
		}
	}
}

func (b *bench) withKey(key string) jobs.Acceptance {
	a := b.acceptance()
	a.Firings[0].Run.Dedupe = key
	return a
}

func treeKey(t *testing.T, b *bench) {
	first := b.accept(b.withKey("submission-1"))[0]
	second := b.withKey("submission-1")
	got := b.accept(second)[0]

	if got.Duplicate {
		t.Error("the event is a duplicate; want only its firing to be one")
	}
	b.same("the receipt's jobs", got.Jobs, first.Jobs)
	b.isDuplicate(got.Verdicts)
	b.isDuplicate(need[jobs.EventRecord](b)(b.store.Event(t.Context(), second.Event.ID)).Verdicts)
	if _, err := b.store.Job(t.Context(), second.Firings[0].Job.ID); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("the second job gave %v; want ErrNotFound", err)
	}
	if second.Verdicts[0].Outcome != webhooks.Fired {
		t.Error("the caller's verdicts were changed")
	}
}

func (b *bench) isDuplicate(verdicts []webhooks.Verdict) {
	b.t.Helper()
	if len(verdicts) != 1 || verdicts[0].Outcome != webhooks.Duplicate || !strings.Contains(verdicts[0].Reason, "#") {
		b.t.Errorf("the verdicts are %+v; want one of outcome duplicate that names the first run", verdicts)
	}
}

func treeKeyInBatch(_ *testing.T, b *bench) {
	got := b.accept(b.withKey("submission-1"), b.withKey("submission-1"))
	b.isDuplicate(got[1].Verdicts)
	b.same("the second receipt's jobs", got[1].Jobs, got[0].Jobs)
}

func treeKeyPerTitle(t *testing.T, b *bench) {
	b.accept(b.withKey("submission-1"))
	other := b.withKey("submission-1")
	other.Firings[0].Run.Title.Name = "Updated"
	other.Firings[0].Job.Tree.Name = "Updated"
	if r := b.accept(other)[0]; r.Verdicts[0].Outcome != webhooks.Fired {
		t.Errorf("the verdict of another tree is %q; want fired", r.Verdicts[0].Outcome)
	}
}

func treeKeyOutlives(_ *testing.T, b *bench) {
	a := b.withKey("submission-1")
	b.accept(a)
	b.end(a.Firings[0].Run.ID, engine.RunComplete)
	b.isDuplicate(b.accept(b.withKey("submission-1"))[0].Verdicts)
}
