package sqlite

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hooktree/jobs"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// How a list of events finds its rows among millions: by what narrows it.
func TestEvents_walkWhatNarrowsThem(t *testing.T) {
	t.Parallel()
	s := openPlain(t)
	no := false
	hour := jobs.EventFilter{From: time.UnixMilli(1), To: time.UnixMilli(2)}
	for name, tt := range map[string]struct {
		query *query
		want  string
	}{
		"nothing fired":    {walkOf(&jobs.EventFilter{Fired: &no}, 9), "SEARCH o USING PRIMARY KEY (outcome=? AND event<?)"},
		"an outcome":       {walkOf(&jobs.EventFilter{Outcome: "error"}, 9), "SEARCH o USING PRIMARY KEY (outcome=? AND event<?)"},
		"a source":         {walkOf(&jobs.EventFilter{Credential: "source:desk"}, 9), "SEARCH v USING INDEX events_source (credential=? AND seq<?)"},
		"a stretch":        {walkOf(&hour, 0), "SEARCH v USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		"all that fired":   {walkOf(&jobs.EventFilter{Outcome: "fired"}, 9), "SEARCH v USING INTEGER PRIMARY KEY (rowid<?)"},
		"what fired, each": {walkOf(&jobs.EventFilter{Outcome: "fired"}, 9), "SEARCH x USING PRIMARY KEY (outcome=? AND event=?)"},
	} {
		tt.query.order(tt.query.by+" desc", 51)
		if steps := plan(t, s, tt.query.text(), tt.query.args...); !slices.Contains(steps, tt.want) || slices.ContainsFunc(steps, sorts) {
			t.Errorf("%s is found by\n%s\nwant %s, and nothing sorted", name, strings.Join(steps, "\n"), tt.want)
		}
	}
}

// Where an outcome is that of most events, those of a kind are asked by kind.
func TestEvents_ofAKindAreFoundAmongManyOfAnOutcome(t *testing.T) {
	t.Parallel()
	s := openPlain(t)
	no := false
	for _, kind := range []string{"Form", "User"} {
		a := jobs.Acceptance{Event: event.Event{ID: uuid.Must(uuid.NewV7()).String(), Type: kind, Received: time.Now()}}
		if _, err := s.Accept(t.Context(), []jobs.Acceptance{a}); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(few bool) {
		t.Helper()
		f := jobs.EventFilter{Type: "Form", Fired: &no}
		list, _, err := s.Events(t.Context(), f)
		if err != nil || len(list) != 1 || list[0].Event.Type != "Form" {
			t.Errorf("Events = %+v, %v; want that of the form", list, err)
		}
		if rare, err := s.rare(t.Context(), &f); rare != few || err != nil {
			t.Errorf("rare = %t, %v; want %t", rare, err, few)
		}
	}
	ask(true)
	const more = `with recursive n(i) as (values (100) union all select i + 1 from n where i < 100 + ?)
		insert into event_outcomes select 'nothing', i from n`
	if err := s.writer.insist(t.Context(), func(tx *tx) error { return tx.exec(more, outcomeFew) }); err != nil {
		t.Fatal(err)
	}
	ask(false)
}

func sorts(step string) bool { return strings.Contains(step, "TEMP B-TREE") }

func TestPurge_leavesNoOutcomeBehind(t *testing.T) {
	t.Parallel()
	s := openPlain(t)
	now := time.Now()
	a := jobs.Acceptance{
		Event:    event.Event{ID: uuid.Must(uuid.NewV7()).String(), Received: now.Add(-time.Hour)},
		Verdicts: []webhooks.Verdict{{Outcome: webhooks.Filtered}, {Outcome: webhooks.Inactive}},
	}
	if _, err := s.Accept(t.Context(), []jobs.Acceptance{a}); err != nil {
		t.Fatal(err)
	}
	count := func() (n int) {
		if err := s.readers.QueryRowContext(t.Context(), `select count(*) from event_outcomes`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != 3 {
		t.Errorf("the event stands in %d rows of outcomes; want 3", n)
	}
	if n, err := s.Purge(t.Context(), jobs.Retention{Age: time.Minute}, now, 10); n != 1 || err != nil || count() != 0 {
		t.Errorf("Purge = %d, %v and leaves %d rows of outcomes", n, err, count())
	}
}
