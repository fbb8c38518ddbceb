package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
)

// receipt is the stored form of what became of an event.
type receipt struct {
	Verdicts []webhooks.Verdict `json:"verdicts,omitempty"`
	Jobs     []jobs.JobRef      `json:"jobs,omitempty"`
}

// ReserveNumber gives the next run number.
func (s *Store) ReserveNumber() int64 { return s.number.Add(1) }

// Accept saves events with everything that follows from them, all or none.
func (s *Store) Accept(ctx context.Context, batch []jobs.Acceptance) ([]jobs.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.room.short(s.options.Now()) {
		return nil, jobs.ErrDiskFull
	}
	firsts, err := encodeFirsts(batch)
	if err != nil {
		return nil, err
	}
	var receipts []jobs.Receipt
	err = s.writer.submit(ctx, func(t *tx) error {
		if err := t.refuseReusedKeys(batch); err != nil {
			return err
		}
		receipts = make([]jobs.Receipt, len(batch))
		for i := range batch {
			var err error
			if receipts[i], err = t.accept(&batch[i], firsts[i]); err != nil {
				return fmt.Errorf("accept event %s: %w", batch[i].Event.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return receipts, nil
}

// encodeFirsts encodes the first steps of the runs of each acceptance.
func encodeFirsts(batch []jobs.Acceptance) ([][]step, error) {
	firsts := make([][]step, len(batch))
	for i := range batch {
		firings := batch[i].Firings
		firsts[i] = make([]step, len(firings))
		for j := range firings {
			var err error
			if firsts[i][j], err = encode(firings[j].Run, firings[j].First); err != nil {
				return nil, fmt.Errorf("accept event %s: %w", batch[i].Event.ID, err)
			}
		}
	}
	return firsts, nil
}

// eventKey is where a sender's dedupe key stands.
type eventKey struct{ credential, key string }

// refuseReusedKeys fails before anything is written when a live key comes with
// another body than its first one, in the store or within the batch.
func (t *tx) refuseReusedKeys(batch []jobs.Acceptance) error {
	var seen map[eventKey][32]byte
	for i := range batch {
		e := &batch[i].Event
		if e.ExternalID == "" {
			continue
		}
		key, sum := eventKey{e.Credential, e.ExternalID}, sha256.Sum256(e.Body)
		known, err := t.knownKey(key, e.Received)
		if err != nil {
			return err
		}
		first, inBatch := seen[key]
		if (known != nil && !bytes.Equal(known.sum, sum[:])) || (inBatch && first != sum) {
			return refusal{fmt.Errorf("events[%d]: %w", i, jobs.ErrKeyReused)}
		}
		if seen == nil {
			seen = make(map[eventKey][32]byte, len(batch))
		}
		seen[key] = sum
	}
	return nil
}

// known is what an earlier event left under a key.
type known struct {
	event int64
	sum   []byte
}

func (t *tx) knownKey(k eventKey, now time.Time) (*known, error) {
	var found known
	var expires int64
	err := t.row(`select event, sha, expires from event_keys where credential = ? and key = ?`,
		[]any{k.credential, k.key}, &found.event, &found.sum, &expires)
	if errors.Is(err, errNoRow) || (err == nil && expires <= millis(now)) {
		return nil, nil
	}
	return &found, err
}

// accept saves one event.
func (t *tx) accept(a *jobs.Acceptance, firsts []step) (jobs.Receipt, error) {
	e := &a.Event
	if e.ExternalID != "" {
		first, err := t.knownKey(eventKey{e.Credential, e.ExternalID}, e.Received)
		if err != nil {
			return jobs.Receipt{}, err
		}
		if first != nil {
			return t.duplicate(first.event)
		}
	}
	t.event++
	t.dirty = true
	seq := t.event
	kindID, err := t.kind(e)
	if err != nil {
		return jobs.Receipt{}, err
	}
	r := receipt{Verdicts: a.Verdicts}
	for i := range a.Firings {
		if err := t.fire(seq, kindID, firing{a, &a.Firings[i], &firsts[i]}, &r); err != nil {
			return jobs.Receipt{}, err
		}
	}
	if err := t.insertEvent(seq, kindID, a, r); err != nil {
		return jobs.Receipt{}, err
	}
	if err := t.verdictErrors(seq, a.Verdicts, 0, a.Event.Received); err != nil {
		return jobs.Receipt{}, err
	}
	return jobs.Receipt{EventID: e.ID, Path: e.Path, Verdicts: r.Verdicts, Jobs: r.Jobs}, nil
}

// duplicate answers with what the first event of a key became.
func (t *tx) duplicate(seq int64) (jobs.Receipt, error) {
	var id, stored []byte
	var path string
	err := t.row(`select e.id, k.path, e.receipt from events e join kinds k on k.id = e.kind where e.seq = ?`, []any{seq}, &id, &path, &stored)
	if err != nil {
		return jobs.Receipt{}, err
	}
	var r receipt
	if err := json.Unmarshal(stored, &r); err != nil {
		return jobs.Receipt{}, err
	}
	return jobs.Receipt{EventID: idText(id), Path: path, Duplicate: true, Verdicts: r.Verdicts, Jobs: r.Jobs}, nil
}

func (t *tx) insertEvent(seq, kindID int64, a *jobs.Acceptance, r receipt) error {
	e := &a.Event
	id, err := idBytes(e.ID)
	if err != nil {
		return err
	}
	stored, err := json.Marshal(r)
	if err != nil {
		return err
	}
	keys, err := joinKeys(r.Jobs)
	if err != nil {
		return err
	}
	body, packed := t.store.packer.pack(e.Body)
	const insert = `insert into events
		(seq, id, kind, external, credential, entity, occurred, received, cause_run, depth, packed, body, receipt, jobs)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	if err := t.exec(insert, seq, id, kindID, e.ExternalID, e.Credential, e.Entity, e.Occurred, e.Received,
		e.Cause.Run, e.Cause.Depth, packed, body, stored, keys); err != nil {
		return err
	}
	if err := t.addOutcomes(seq, r.Verdicts); err != nil {
		return err
	}
	if e.ExternalID == "" {
		return nil
	}
	sum := sha256.Sum256(e.Body)
	return t.exec(`insert or replace into event_keys (credential, key, event, sha, expires) values (?, ?, ?, ?, ?)`,
		e.Credential, e.ExternalID, seq, sum[:], e.Received.Add(jobs.DedupeWindow))
}

// firing is one firing of an acceptance, with its run's first step encoded.
type firing struct {
	*jobs.Acceptance
	*jobs.Firing

	first *step
}

// fire saves one job with its run, unless a run has its tree's dedupe key.
func (t *tx) fire(seq, kindID int64, f firing, r *receipt) error {
	tree, err := t.tree(f.Job.Tree)
	if err != nil {
		return err
	}
	if f.Run != nil && f.Run.Dedupe != "" {
		first, err := t.keyHolder(tree, f.Run.Dedupe)
		if err != nil {
			return err
		}
		if first != nil {
			first.Webhook, first.Tree = f.Job.Webhook, titleText(f.Job.Tree)
			r.Verdicts = verdictDuplicate(r.Verdicts, f.Verdict, first.Run)
			r.Jobs = append(r.Jobs, *first)
			return nil
		}
	}
	ruleID, err := t.rule(rule{kindID, f.Job.Webhook, f.Job.WebhookHash, tree})
	if err != nil {
		return err
	}
	if err := t.insertJob(seq, ruleID, &f.Job); err != nil {
		return err
	}
	queued := false
	if f.Run != nil {
		if queued, err = t.insertRun(seq, f.Run, f.first); err != nil {
			return err
		}
	}
	if !queued {
		if err := t.addWork(f.Work); err != nil {
			return err
		}
	}
	r.Jobs = append(r.Jobs, jobs.JobRef{
		ID: f.Job.ID, Webhook: f.Job.Webhook, Tree: titleText(f.Job.Tree), URL: f.Job.URL,
		Run: f.Job.Run, RunID: f.Job.RunID, Queued: queued,
	})
	return nil
}

// keyHolder gives the job of the run that has a tree's dedupe key; nil for none.
func (t *tx) keyHolder(tree int64, key string) (*jobs.JobRef, error) {
	var ref jobs.JobRef
	var runID, jobID []byte
	err := t.row(`select number, id, job from runs where tree = ? and dedupe = ? and dedupe <> '' order by number limit 1`,
		[]any{tree, key}, &ref.Run, &runID, &jobID)
	if errors.Is(err, errNoRow) {
		return nil, nil
	}
	ref.RunID, ref.ID = idText(runID), idText(jobID)
	return &ref, err
}

// verdictDuplicate is the list with one verdict turned into a duplicate of a
// run. The given list is the caller's and stays as it is.
func verdictDuplicate(verdicts []webhooks.Verdict, at int, first int64) []webhooks.Verdict {
	changed := append([]webhooks.Verdict(nil), verdicts...)
	changed[at].Outcome = webhooks.Duplicate
	changed[at].Reason = fmt.Sprintf("the dedupe key is that of run #%d", first)
	return changed
}

// verdictErrors puts verdicts that somebody should look at on the error desk,
// from a place of the event's list on.
func (t *tx) verdictErrors(seq int64, verdicts []webhooks.Verdict, from int, at time.Time) error {
	for i := from; i < len(verdicts); i++ {
		fault, stands := jobs.VerdictFault(verdicts[i], i, at)
		if !stands {
			continue
		}
		if err := t.insertError(errorRow{event: seq, webhook: verdicts[i].Webhook, fault: fault}); err != nil {
			return err
		}
	}
	return nil
}

func titleText(title engine.Title) string {
	if title == (engine.Title{}) {
		return ""
	}
	return title.String()
}
