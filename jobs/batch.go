package jobs

import (
	"context"
	"slices"
	"strings"

	"hooktree/webhooks/subscription"
)

// MaxJoined is how large the body of deliveries that were joined may be, in
// bytes. One event's own may be larger.
const MaxJoined = 1 << 20

// gathers reports whether others may still join a delivery. Once it was sent,
// or might have been, its bytes stay the same.
func (r *Runner) gathers(l *LoadedJob, e *subscription.Endpoint) bool {
	b := e.Traits.Batch
	return r.Batches != nil && b.Max > 1 && b.Join != nil && l.Job.Request.Joined == 0 && len(l.Job.Attempts) == 0
}

// gather lets others of the queue join a delivery, and saves what will be sent
// before anything is: after a crash the same bytes go out under the same ID.
// One that nobody joins is saved, too, since nobody may join it later.
func (r *Runner) gather(ctx context.Context, id string, e *subscription.Endpoint) (Job, error) {
	return r.changeJob(ctx, id, func(l *LoadedJob) (*JobProgress, error) {
		if l.Job.Status.Final() {
			return nil, nil //nolint:nilnil // canceled meanwhile
		}
		others, err := r.Batches.Gather(ctx, e.ID, id, e.Traits.Batch.Max-1)
		if err != nil {
			return nil, err
		}
		body, took, err := join(l, others, e.Traits.Batch.Join)
		if err != nil {
			r.Log.Warn("a delivery is sent apart from the others", "job", id, "subscription", e.Name(), "error", err)
		}
		p := &JobProgress{Job: l.Job, Was: l.Job.Status, Take: took}
		q := *l.Job.Request
		q.Joined = 1 + len(took)
		if len(took) > 0 {
			q.Body = body
		}
		p.Job.Request, p.Job.Status, p.Job.Updated = &q, JobInProgress, r.Now()
		return p, nil
	})
}

// join makes one body of a delivery and of as many others as it has room for,
// the oldest first, and gives the jobs that go along: none where they cannot
// be joined.
func join(l *LoadedJob, others []LoadedJob, by func([][]byte) ([]byte, error)) (body []byte, took []string, err error) {
	for others = fitting(l, others); len(others) > 0; others = others[:len(others)/2] {
		party := append([]LoadedJob{*l}, others...)
		slices.SortFunc(party, func(a, b LoadedJob) int { return strings.Compare(a.Job.ID, b.Job.ID) })
		bodies := make([][]byte, len(party))
		for i := range party {
			bodies[i] = party[i].body()
		}
		body, err = by(bodies)
		if err == nil && len(body) <= MaxJoined {
			break
		}
	}
	for i := range others {
		took = append(took, others[i].Job.ID)
	}
	return body, took, err
}

// fitting gives the oldest of the others, as many as have room in one body.
func fitting(l *LoadedJob, others []LoadedJob) []LoadedJob {
	size := len(l.body())
	var fit []LoadedJob
	for i := range others {
		o := &others[i]
		if o.Job.Status != JobQueued || o.Job.Request.Joined > 0 {
			continue // it has bytes of its own that may have been sent
		}
		if size += len(o.body()); size > MaxJoined {
			break
		}
		fit = append(fit, *o)
	}
	return fit
}

// body is what a URL job sends, sealed where it holds secrets.
func (l *LoadedJob) body() []byte {
	if l.Job.Request.Body != nil {
		return l.Job.Request.Body
	}
	return l.Payload
}
