package sqlite

import (
	"context"
	"slices"

	"hooktree/jobs"
	"hooktree/webhooks"
)

// nothing is the outcome of an event none of whose verdicts fired; it is no
// verdict's own.
const nothing webhooks.Outcome = "nothing"

// outcomesOf lists what an event is found by besides that something fired.
func outcomesOf(verdicts []webhooks.Verdict) []webhooks.Outcome {
	var found []webhooks.Outcome
	fired := false
	for i := range verdicts {
		switch o := verdicts[i].Outcome; {
		case o == webhooks.Fired:
			fired = true
		case !slices.Contains(found, o):
			found = append(found, o)
		}
	}
	if !fired {
		found = append(found, nothing)
	}
	return found
}

// addOutcomes makes an event found by what became of it.
func (t *tx) addOutcomes(seq int64, verdicts []webhooks.Verdict) error {
	for _, outcome := range outcomesOf(verdicts) {
		if err := t.exec(`insert into event_outcomes (outcome, event) values (?, ?)`, string(outcome), seq); err != nil {
			return err
		}
	}
	return nil
}

// removeOutcomes takes back what addOutcomes wrote for the same verdicts.
func (t *tx) removeOutcomes(seq int64, verdicts []webhooks.Verdict) error {
	for _, outcome := range outcomesOf(verdicts) {
		if err := t.exec(`delete from event_outcomes where outcome = ? and event = ?`, string(outcome), seq); err != nil {
			return err
		}
	}
	return nil
}

// outcomeFew is up to how many events of an outcome are looked at one by one.
const outcomeFew = 10_000

// rare reports whether a filter asks for an outcome of few events.
func (s *Store) rare(ctx context.Context, f *jobs.EventFilter) (bool, error) {
	if !seldom(f) {
		return false, nil
	}
	var few bool
	const count = `select count(*) <= ? from (select 1 from event_outcomes where outcome = ? limit ?)`
	err := s.readers.QueryRowContext(ctx, count, outcomeFew, string(outcomeOf(f)), outcomeFew+1).Scan(&few)
	return few, err
}

// outcomeOf is the outcome that a filter's events are walked by.
func outcomeOf(f *jobs.EventFilter) webhooks.Outcome {
	if o := webhooks.Outcome(f.Outcome); o != "" && o != webhooks.Fired {
		return o
	}
	return nothing
}

// eventsByOutcome walks the events of one outcome, the newest first.
func eventsByOutcome(f *jobs.EventFilter, before int64) *query {
	q := newQuery("select " + eventColumns + ` from event_outcomes o cross join events v on v.seq = o.event join kinds k on k.id = v.kind`)
	q.by = "o.event"
	q.and("o.outcome = ?", string(outcomeOf(f)))
	narrowEvents(q, f, before)
	return q
}

// seldom reports whether a filter asks for what stands in event_outcomes alone.
func seldom(f *jobs.EventFilter) bool {
	return f.Outcome != "" && f.Outcome != string(webhooks.Fired) || f.Fired != nil && !*f.Fired
}

// outcomeWords adds the conditions on what became of an event.
func outcomeWords(q *query, f *jobs.EventFilter) {
	const has = `exists (select 1 from event_outcomes x where x.outcome = ? and x.event = v.seq)`
	fired := f.Outcome == string(webhooks.Fired) || f.Fired != nil && *f.Fired
	q.andIf(fired, "not "+has, string(nothing))
	q.andIf(f.Fired != nil && !*f.Fired, has, string(nothing))
	q.andIf(f.Outcome != "" && f.Outcome != string(webhooks.Fired), has, f.Outcome)
}
