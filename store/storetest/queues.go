package storetest

import (
	"errors"
	"testing"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks"
)

var queueTests = []test{
	{"a delivery is kept with its subscription and its queue", deliveryKept},
	{"of ordered work only the oldest of its queue is due", orderedHead},
	{"older work that is due later holds ordered work back", orderedWaits},
	{"waiting work is ordered as its subscription is now", orderChanged},
	{"work that is not ordered passes what waits before it", looseWork},
	{"resting queues are left out, and so is their next time", restingQueues},
	{"a busy host holds no queue back", busyHostOfQueue},
	{"a limit takes the oldest work of all queues and hosts", queueLimit},
	{"jobs are found by their subscription and status", jobsOfSubscription},
	{"the oldest jobs come first when the list is turned round", jobsOldestFirst},
	{"a held job is saved without work and is purged when it is old", heldJob},
}

// subscribed accepts an event whose delivery waits in a subscription's queue.
func (b *bench) subscribed(queue string, ordered bool) jobs.Job {
	b.t.Helper()
	e := b.event()
	f := b.urlFiring(&e, "desk.example.com")
	f.Job.Subscription = queue
	f.Work[0].Queue, f.Work[0].Ordered = queue, ordered
	b.accept(jobs.Acceptance{Event: e, Verdicts: []webhooks.Verdict{{Webhook: "keap/1", Outcome: webhooks.Fired}}, Firings: []jobs.Firing{f}})
	return f.Job
}

// work is a job's delivery, due at a time.
func work(j *jobs.Job, due time.Time, ordered bool) jobs.Work {
	return jobs.Work{ID: j.ID, Kind: jobs.WorkDelivery, JobID: j.ID, Due: due, Host: "desk.example.com", Queue: j.Subscription, Ordered: ordered}
}

// putOff puts a job's delivery off.
func (b *bench) putOff(j *jobs.Job, due time.Time, ordered bool) {
	b.t.Helper()
	b.recordJob(jobs.JobProgress{Job: *j, Was: j.Status, Add: []jobs.Work{work(j, due, ordered)}})
}

// wantDue wants these jobs' work and the time of the next.
func (b *bench) wantDue(q jobs.DueQuery, next time.Time, want ...jobs.Job) {
	b.t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	got, at, err := b.store.Due(b.t.Context(), q)
	if err != nil {
		b.t.Fatal(err)
	}
	var gotIDs, wantIDs []string
	for i := range got {
		gotIDs = append(gotIDs, got[i].ID)
	}
	for i := range want {
		wantIDs = append(wantIDs, want[i].ID)
	}
	b.same("the work", gotIDs, wantIDs)
	if !at.Equal(next) {
		b.t.Errorf("the next piece falls due at %v; want %v", at, next)
	}
}

func deliveryKept(t *testing.T, b *bench) {
	job := b.subscribed(b.id(), true)
	b.same("the job", need[jobs.Job](b)(b.store.Job(t.Context(), job.ID)), job)
	b.same("the work", b.due(b.now), []jobs.Work{work(&job, b.now, true)})
}

func orderedHead(_ *testing.T, b *bench) {
	queue := b.id()
	first, second, third := b.subscribed(queue, true), b.subscribed(queue, true), b.subscribed(queue, true)
	other := b.subscribed(b.id(), true)
	now := jobs.DueQuery{Now: b.now}
	b.wantDue(now, time.Time{}, first, other)
	b.recordJob(jobs.JobProgress{Job: first, Was: jobs.JobQueued, Drop: []string{first.ID}})
	b.wantDue(now, time.Time{}, second, other)
	b.recordJob(jobs.JobProgress{Job: second, Was: jobs.JobQueued, Drop: []string{second.ID, other.ID}})
	b.wantDue(now, time.Time{}, third)
	b.putOff(&first, b.now, true) // it is tried again, and comes before the third
	b.wantDue(now, time.Time{}, first)
}

func orderedWaits(_ *testing.T, b *bench) {
	queue, later := b.id(), b.now.Add(time.Hour)
	first := b.subscribed(queue, true)
	b.subscribed(queue, true)
	b.putOff(&first, later, true)
	b.wantDue(jobs.DueQuery{Now: b.now}, later)
	b.wantDue(jobs.DueQuery{Now: later}, time.Time{}, first)
}

func orderChanged(t *testing.T, b *bench) {
	made := b.subscribe(b.subscriber("contact.edit"))[0]
	later := b.now.Add(time.Hour)
	first, second := b.subscribed(made.ID, true), b.subscribed(made.ID, true)
	other := b.subscribed(b.id(), true)
	b.putOff(&first, later, true)
	b.wantDue(jobs.DueQuery{Now: b.now}, later, other)
	for _, ordered := range []bool{false, true} {
		made.Ordered = ordered
		if err := b.store.Subscriptions().Save(t.Context(), made, b.act("subscription.change")); err != nil {
			t.Fatalf("Save = %v", err)
		}
		made.Revision++
		if ordered {
			b.wantDue(jobs.DueQuery{Now: b.now}, later, other)
		} else {
			b.wantDue(jobs.DueQuery{Now: b.now}, later, second, other)
		}
	}
}

func looseWork(_ *testing.T, b *bench) {
	queue, later := b.id(), b.now.Add(time.Hour)
	first := b.subscribed(queue, true)
	loose, tied := b.subscribed(queue, false), b.subscribed(queue, true)
	b.putOff(&first, later, true)
	b.wantDue(jobs.DueQuery{Now: b.now}, later, loose)
	b.recordJob(jobs.JobProgress{Job: first, Was: jobs.JobQueued, Drop: []string{first.ID}})
	b.wantDue(jobs.DueQuery{Now: b.now}, time.Time{}, loose) // what is tied waits for it, too
	b.recordJob(jobs.JobProgress{Job: loose, Was: jobs.JobQueued, Drop: []string{loose.ID}})
	b.wantDue(jobs.DueQuery{Now: b.now}, time.Time{}, tied)
}

func restingQueues(_ *testing.T, b *bench) {
	one, two, three := b.id(), b.id(), b.id()
	first, second, later := b.subscribed(one, false), b.subscribed(two, true), b.subscribed(three, true)
	b.putOff(&later, b.now.Add(time.Minute), true)
	b.wantDue(jobs.DueQuery{Now: b.now, Resting: []string{one}}, b.now.Add(time.Minute), second)
	b.wantDue(jobs.DueQuery{Now: b.now, Resting: []string{two, three}}, time.Time{}, first)
}

func busyHostOfQueue(_ *testing.T, b *bench) {
	queued := b.subscribed(b.id(), false)
	b.delivery()
	b.wantDue(jobs.DueQuery{Now: b.now, Busy: []string{"desk.example.com"}}, time.Time{}, queued)
}

func queueLimit(_ *testing.T, b *bench) {
	long := b.id()
	all := []jobs.Job{b.subscribed(long, false), b.subscribed(long, false), b.delivery(), b.subscribed(b.id(), true), b.subscribed(long, false)}
	for limit := 1; limit < len(all); limit++ {
		b.wantDue(jobs.DueQuery{Now: b.now, Limit: limit}, all[limit].ScheduledAt, all[:limit]...)
	}
	b.wantDue(jobs.DueQuery{Now: b.now, Limit: len(all)}, time.Time{}, all...)
}

// hold accepts an event whose delivery is held.
func (b *bench) hold(queue string) jobs.Job {
	b.t.Helper()
	e := b.event()
	f := b.urlFiring(&e, "desk.example.com")
	f.Job.Subscription, f.Job.Status, f.Job.Summary = queue, jobs.JobHeld, "the subscription is disabled"
	f.Work = nil
	b.accept(jobs.Acceptance{Event: e, Verdicts: []webhooks.Verdict{{Webhook: "keap/1", Outcome: webhooks.Fired}}, Firings: []jobs.Firing{f}})
	return f.Job
}

// filtered lists the IDs of the jobs that a filter finds, a page of one at a time.
func (b *bench) filtered(f jobs.JobFilter) []string {
	b.t.Helper()
	var ids []string
	for f.Limit = 1; ; {
		list, next, err := b.store.Jobs(b.t.Context(), f)
		if err != nil {
			b.t.Fatal(err)
		}
		for i := range list {
			ids = append(ids, list[i].ID)
		}
		if f.Cursor = next; next == "" {
			return ids
		}
	}
}

func jobsOfSubscription(_ *testing.T, b *bench) {
	mine := b.id()
	first, other, held, last := b.subscribed(mine, false), b.subscribed(b.id(), false), b.hold(mine), b.subscribed(mine, false)
	b.delivery()
	b.settle()
	b.same("its jobs", b.filtered(jobs.JobFilter{Subscription: mine}), []string{last.ID, held.ID, first.ID})
	b.same("what is held of it", b.filtered(jobs.JobFilter{Subscription: mine, Status: []jobs.JobStatus{jobs.JobHeld}}), []string{held.ID})
	b.same("all that is held", b.filtered(jobs.JobFilter{Status: []jobs.JobStatus{jobs.JobHeld}}), []string{held.ID})
	b.same("its jobs of an event", b.filtered(jobs.JobFilter{Subscription: mine, EventID: other.EventID}), []string(nil))
	b.same("its jobs of an entity", b.filtered(jobs.JobFilter{Subscription: mine, Entity: held.Entity}), []string{held.ID})
	b.same("its jobs of a form", b.filtered(jobs.JobFilter{Subscription: mine, Form: "no such form"}), []string(nil))
	b.same("its jobs by a word", b.filtered(jobs.JobFilter{Subscription: mine, Text: "X1"}), []string{last.ID, held.ID, first.ID})
	b.same("its jobs of a time", b.filtered(jobs.JobFilter{Subscription: mine, From: held.Created, To: last.Created}), []string{held.ID})
	counts := need[jobs.Counts](b)(b.store.Count(b.t.Context()))
	b.same("the counts", counts.Jobs, map[jobs.JobStatus]int64{jobs.JobQueued: 4, jobs.JobHeld: 1})
}

func jobsOldestFirst(_ *testing.T, b *bench) {
	mine := b.id()
	var ids []string
	for range 3 {
		ids = append(ids, b.subscribed(mine, false).ID)
	}
	b.settle()
	for name, f := range map[string]jobs.JobFilter{
		"all":               {},
		"of a status":       {Status: []jobs.JobStatus{jobs.JobQueued, jobs.JobHeld}},
		"of a subscription": {Subscription: mine},
		"of a webhook":      {Webhook: "notify desk"},
		"by a word":         {Text: "X1"},
		"from a time":       {From: b.now.Add(-time.Hour)},
	} {
		f.OldestFirst = true
		b.same("the jobs "+name, b.filtered(f), ids)
	}
}

func heldJob(t *testing.T, b *bench) {
	job := b.hold(b.id())
	b.same("the job", need[jobs.Job](b)(b.store.Job(t.Context(), job.ID)), job)
	b.wantDue(jobs.DueQuery{Now: b.now.Add(time.Hour)}, time.Time{})
	b.tick(2 * month)
	if n := b.purge(jobs.Retention{Age: month}, 10); n != 1 {
		t.Errorf("%d events went; want the one of the held job", n)
	}
	if _, err := b.store.Job(t.Context(), job.ID); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("the held job gave %v; want ErrNotFound", err)
	}
	b.same("what is left of its subscription", b.filtered(jobs.JobFilter{Subscription: job.Subscription}), []string(nil))
}
