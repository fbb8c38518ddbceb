package memory

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
)

// listed walks a shelf from the newest row down and collects a page of what
// match lets through.
func listed[R, T any](s *shelf[R], p jobs.Page, match func(*R) bool, show func(*R) T) ([]T, string, error) {
	before, limit, err := bounds(p)
	if err != nil {
		return nil, "", err
	}
	var out []T
	for i := s.below(before) - 1; i >= 0; i-- {
		if !match(s.order[i].row) {
			continue
		}
		if len(out) == limit {
			return out, strconv.FormatInt(s.order[i].rank+1, 36), nil
		}
		out = append(out, show(s.order[i].row))
	}
	return out, "", nil
}

// bounds reads a page: rows below a rank, zero for all, and how many of them.
func bounds(p jobs.Page) (before int64, limit int, err error) {
	limit = p.Limit
	if limit == 0 {
		limit = 50
	}
	if p.Cursor == "" {
		return 0, limit, nil
	}
	before, err = strconv.ParseInt(p.Cursor, 36, 64)
	if err != nil || before < 1 {
		return 0, 0, fmt.Errorf("cursor %q: %w", p.Cursor, jobs.ErrCursor)
	}
	return before, limit, nil
}

// haystack is a row's text in lower case, made when it is first searched.
type haystack struct{ text string }

// has reports whether every word of the query occurs in the text.
func has(text, query string) bool {
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(text, strings.Trim(word, `"'*()`)) {
			return false
		}
	}
	return true
}

// among reports whether the list is empty or holds the value.
func among[T comparable](list []T, v T) bool { return len(list) == 0 || slices.Contains(list, v) }

// either reports whether nothing is wanted or just the value.
func either[T comparable](want, v T) bool {
	var zero T
	return want == zero || want == v
}

func within(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (to.IsZero() || t.Before(to))
}

// listedUp is listed from the oldest row up.
func listedUp[R, T any](s *shelf[R], p jobs.Page, match func(*R) bool, show func(*R) T) ([]T, string, error) {
	after, limit, err := bounds(p)
	if err != nil {
		return nil, "", err
	}
	var out []T
	for i := s.below(after + 1); i < len(s.order); i++ {
		if !match(s.order[i].row) {
			continue
		}
		if len(out) == limit {
			return out, strconv.FormatInt(s.order[i].rank-1, 36), nil
		}
		out = append(out, show(s.order[i].row))
	}
	return out, "", nil
}

// Jobs implements [jobs.History].
func (s *Store) Jobs(_ context.Context, f jobs.JobFilter) ([]jobs.Job, string, error) {
	s.mu.Lock() // a search fills haystacks
	defer s.mu.Unlock()
	match := func(r *jobRow) bool {
		j := &r.job
		return among(f.Status, j.Status) && either(f.Webhook, j.Webhook) &&
			either(f.Type, j.EventType) && either(f.Action, j.EventAction) &&
			either(f.Kapp, j.Kapp) && either(f.Form, j.Form) && either(f.Entity, j.Entity) &&
			either(f.EventID, j.EventID) && either(f.Run, j.Run) && either(f.Subscription, j.Subscription) &&
			within(j.Created, f.From, f.To) && (f.Text == "" || has(r.search(), f.Text))
	}
	show := func(r *jobRow) jobs.Job { return r.job }
	if f.OldestFirst {
		return listedUp(&s.jobs, f.Page, match, show)
	}
	return listed(&s.jobs, f.Page, match, show)
}

func (r *jobRow) search() string {
	if r.text == "" {
		j := &r.job
		var answer []byte
		if j.Response != nil {
			answer = j.Response.Body
		}
		parts := []string{j.Path, j.Webhook, j.URL, j.Summary, string(r.event.record.Event.Body), string(answer)}
		r.text = strings.ToLower(strings.Join(parts, "\n"))
	}
	return r.text
}

// Job implements [jobs.History].
func (s *Store) Job(_ context.Context, id string) (jobs.Job, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	row := s.jobs.byID[id]
	if row == nil {
		return jobs.Job{}, fmt.Errorf("job %s: %w", id, jobs.ErrNotFound)
	}
	return row.job, nil
}

// Runs implements [jobs.History].
func (s *Store) Runs(_ context.Context, f jobs.RunFilter) ([]jobs.Run, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	match := func(row *runRow) bool {
		r := &row.run
		return among(f.Status, r.Status) && named(r.Title, f.Source, f.Group, f.Name) &&
			either(f.JobID, r.JobID) && either(f.EventID, r.EventID) && within(r.Created, f.From, f.To) &&
			(f.Text == "" || has(strings.ToLower(r.Title.String())+"\n"+row.event.search(), f.Text))
	}
	return listed(&s.runs, f.Page, match, func(row *runRow) jobs.Run { return row.run })
}

func named(t engine.Title, source, group, name string) bool {
	return either(source, t.Source) && either(group, t.Group) && either(name, t.Name)
}

// Run implements [jobs.History].
func (s *Store) Run(_ context.Context, number int64) (jobs.Run, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range slices.Backward(s.runs.order) {
		if p.row.run.Number == number {
			return p.row.run, nil
		}
	}
	return jobs.Run{}, fmt.Errorf("run #%d: %w", number, jobs.ErrNotFound)
}

// Tasks implements [jobs.History].
func (s *Store) Tasks(_ context.Context, runID string) ([]engine.Task, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	row := s.runs.byID[runID]
	if row == nil {
		return nil, fmt.Errorf("run %s: %w", runID, jobs.ErrNotFound)
	}
	return row.sorted(), nil
}

// Events implements [jobs.History].
func (s *Store) Events(_ context.Context, f jobs.EventFilter) ([]jobs.EventRecord, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	match := func(row *eventRow) bool {
		e := &row.record.Event
		return either(f.Platform, e.Platform) && either(f.Type, e.Type) && either(f.Action, e.Action) &&
			either(f.Kapp, e.Scope.Kapp) && either(f.Form, e.Scope.Form) && either(f.Entity, e.Entity) &&
			either(f.Path, e.Path) && either(f.Credential, e.Credential) && within(e.Received, f.From, f.To) &&
			(f.Fired == nil || *f.Fired == row.became(string(webhooks.Fired))) &&
			(f.Outcome == "" || row.became(f.Outcome)) && (f.Text == "" || has(row.search(), f.Text))
	}
	return listed(&s.events, f.Page, match, func(row *eventRow) jobs.EventRecord {
		r := row.shown()
		r.Event.Data, r.Event.Body = nil, nil
		return r
	})
}

// became reports whether a verdict of the event has an outcome.
func (e *eventRow) became(outcome string) bool {
	return slices.ContainsFunc(e.record.Verdicts, func(v webhooks.Verdict) bool { return string(v.Outcome) == outcome })
}

func (e *eventRow) search() string {
	if e.text == "" {
		e.text = strings.ToLower(e.record.Event.Path + "\n" + string(e.record.Event.Body))
	}
	return e.text
}

func (e *eventRow) shown() jobs.EventRecord {
	r := e.record
	r.Jobs = refs(e.jobs)
	return r
}

// Event implements [jobs.History].
func (s *Store) Event(_ context.Context, id string) (jobs.EventRecord, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	row := s.events.byID[id]
	if row == nil {
		return jobs.EventRecord{}, fmt.Errorf("event %s: %w", id, jobs.ErrNotFound)
	}
	return row.shown(), nil
}
