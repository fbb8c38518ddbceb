package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hooktree/engine"
	"hooktree/webhooks"
)

// Actions lists what may be done about an error.
func (e *ErrorRecord) Actions() []engine.Action {
	if e.ofVerdict() || e.Fault.Failure.Code == codeBroken {
		return []engine.Action{engine.ActionRetry, engine.ActionLeave}
	}
	return e.Fault.Kind.Actions()
}

// Resolution is what an operator does about errors.
type Resolution struct {
	IDs     []int64
	Action  engine.Action
	Results any    // of a skip
	Note    string // why; must be given
	By      string
}

// MaxResolved is how many errors one resolution may name.
const MaxResolved = 1000

// Resolved is what became of one error of a resolution.
type Resolved struct {
	ID  int64
	Err error // nil when it was resolved
}

// ResolveErrors carries a resolution out, error by error: one that cannot be
// resolved keeps none of the others from it. It fails as a whole only when the
// resolution makes no sense.
//
// An error of a run that is left stays open with its note, because its run
// stands there still; one of a verdict is closed.
func (r *Runner) ResolveErrors(ctx context.Context, res Resolution) ([]Resolved, error) {
	switch {
	case strings.TrimSpace(res.Note) == "":
		return nil, refuse(ErrInvalid, "a note is missing: say why the errors are resolved so")
	case len(res.IDs) == 0:
		return nil, refuse(ErrInvalid, "no error is named: give at least one id")
	case len(res.IDs) > MaxResolved:
		return nil, refuse(ErrInvalid, "%d errors are too many at a time: name at most %d", len(res.IDs), MaxResolved)
	case res.Results != nil && res.Action != engine.ActionSkip:
		return nil, refuse(ErrInvalid, "results go with skip, not with %s", res.Action)
	}
	var outcomes []Resolved
	seen := map[int64]bool{}
	for _, id := range res.IDs {
		if seen[id] {
			continue
		}
		seen[id] = true
		outcomes = append(outcomes, Resolved{ID: id, Err: r.resolve(ctx, id, &res)})
	}
	return outcomes, nil
}

func (r *Runner) resolve(ctx context.Context, id int64, res *Resolution) error {
	found, _, err := r.History.Errors(ctx, ErrorFilter{IDs: []int64{id}})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("error %d: %w", id, ErrNotFound)
	}
	e := &found[0]
	if !e.Open {
		return refuse(ErrFinal, "error %d was handled before", id)
	}
	if allowed := e.Actions(); !slices.Contains(allowed, res.Action) {
		return refuse(ErrInvalid, "%q is no action for error %d of kind %s: use one of %v", res.Action, id, e.Fault.Kind, allowed)
	}
	p := &ErrorProgress{ID: id, Action: res.Action, Note: res.Note, By: res.By, At: r.Now()}
	audit := Act{By: res.By, Note: res.Note}.audit("error."+string(res.Action), strconv.FormatInt(id, 10), p.At)
	switch {
	case res.Action == engine.ActionLeave:
		p.Open, p.Audit = e.RunID != "", audit
		return r.recordError(ctx, e, p)
	case e.ofVerdict():
		p.Audit = audit
		return r.resolveAgain(ctx, e, p)
	default:
		return r.advance(ctx, e.RunID, func(h *hotRun) (*Progress, error) {
			return h.resolve(e, res, p, audit)
		})
	}
}

// resolve lets the run take the step that a resolution means.
func (h *hotRun) resolve(e *ErrorRecord, res *Resolution, p *ErrorProgress, audit *Audit) (*Progress, error) {
	progress := &Progress{Run: h.run}
	if e.Fault.Failure.Code == codeBroken {
		progress.Step = progress.Run.release(h.held, e.Fault, p.At)
		h.tree = nil // whatever was mended, it is read again
	} else {
		var err error
		progress, err = h.take(engine.Resolved{
			Node: e.Fault.Node, Place: e.Fault.Place, Connector: e.Fault.Connector,
			Action: res.Action, Results: res.Results, At: p.At,
		})
		if err != nil {
			return nil, fmt.Errorf("resolve error %d: %w", e.ID, err)
		}
		if progress == nil {
			return nil, refuse(ErrFinal, "error %d is no more: run #%d has moved on", e.ID, h.run.Number)
		}
	}
	progress.Error, progress.Audit = p, audit
	return progress, nil
}

// resolveAgain decides once more about the target whose verdict was an error,
// or that the loop guard holds: then without the guard.
func (r *Runner) resolveAgain(ctx context.Context, e *ErrorRecord, p *ErrorProgress) error {
	stored, err := r.History.Event(ctx, e.EventID)
	if err != nil {
		return err
	}
	decide := r.Resolve
	if e.Fault.Kind == FaultLoop {
		decide = r.Release
	}
	res := decide(stored.Event)
	anew, err := renewed(e, stored.Verdicts, res.Verdicts)
	if err != nil {
		return err
	}
	a := Acceptance{Event: stored.Event}
	for n, i := range anew {
		v := res.Verdicts[i]
		a.Verdicts = append(a.Verdicts, v)
		p.Places = append(p.Places, -1)
		for j := range res.Firings {
			if res.Firings[j].Verdict != i {
				continue
			}
			f, err := r.firing(ctx, &stored.Event, &res.Firings[j], &v, p.At)
			if err != nil {
				return err
			}
			f.Verdict = n
			a.Firings = append(a.Firings, f)
		}
	}
	p.Accept, p.Places[0] = &a, e.verdict()
	_, p.Open = VerdictFault(a.Verdicts[0], p.Places[0], p.At)
	return r.recordError(ctx, e, p)
}

// renewed picks, of the verdicts of a new resolution, those that come in place
// of the one that an error stands for: all of the webhook's when it had no
// other, because its filter had failed, and otherwise that of the same target
// alone. What the other targets were sent is not sent again.
func renewed(e *ErrorRecord, before, after []webhooks.Verdict) ([]int, error) {
	was, is := verdictsOn(e.Webhook, before), verdictsOn(e.Webhook, after)
	nth := slices.Index(was, e.verdict())
	switch {
	case len(is) == 0:
		return nil, refuse(ErrFinal, "error %d: the webhook %s is no candidate for the event any more; leave the error", e.ID, e.Webhook)
	case len(was) == 1:
		return is, nil
	case nth < 0 || len(is) != len(was):
		return nil, refuse(ErrFinal, "error %d: the webhook %s has other targets now, and some of the old ones were served; leave the error", e.ID, e.Webhook)
	default:
		return is[nth : nth+1], nil
	}
}

// verdictsOn lists the places of a webhook's verdicts.
func verdictsOn(webhook string, verdicts []webhooks.Verdict) []int {
	var places []int
	for i := range verdicts {
		if verdicts[i].Webhook == webhook {
			places = append(places, i)
		}
	}
	return places
}

func (r *Runner) recordError(ctx context.Context, e *ErrorRecord, p *ErrorProgress) error {
	err := r.Ledger.RecordError(ctx, *p)
	if errors.Is(err, ErrStale) {
		return refuse(ErrFinal, "error %d was handled before", e.ID)
	}
	if err != nil {
		return fmt.Errorf("record error %d: %w", e.ID, err)
	}
	r.Feed.Publish(Change{Kind: ChangeError, ID: e.Webhook, Run: e.Run, Status: openness(p.Open)})
	if p.Accept != nil {
		r.Feed.Publish(Change{Kind: ChangeEvent, ID: e.EventID})
		r.Wake()
	}
	return nil
}
