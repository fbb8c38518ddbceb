package storetest

import (
	"errors"
	"testing"
	"time"

	"hooktree/jobs"
)

var batchTests = []test{
	{"gathering lists what was never tried, the oldest first", gathers},
	{"what goes along follows the delivery", batchFollows},
	{"taking what has moved takes none", takeStale},
	{"a job that is tried by itself leaves its batch", batchLeft},
	{"what went along is found by what it came to", batchSearched},
	{"batches and queues outlive a crash", batchReopen},
	{"a notice is saved in the same transaction", noticeSaved},
	{"a stale job publishes no notice", noticeStale},
	{"a notice whose key was used for another body fails whole", noticeKeyReused},
}

// gathered lists the IDs of what may go along with a job.
func (b *bench) gathered(j *jobs.Job, limit int) []string {
	b.t.Helper()
	var ids []string
	for _, l := range need[[]jobs.LoadedJob](b)(b.store.Gather(b.t.Context(), j.Subscription, j.ID, limit)) {
		ids = append(ids, l.Job.ID)
	}
	return ids
}

func gathers(t *testing.T, b *bench) {
	queue := b.id()
	lead, tried, second, third := b.subscribed(queue, false), b.subscribed(queue, false), b.subscribed(queue, true), b.subscribed(queue, false)
	b.subscribed(b.id(), false)
	b.hold(queue)
	tried.Attempts = []jobs.Attempt{{Number: 1, At: b.now, Status: 500}}
	b.putOff(&tried, b.now, false)
	b.same("what may go along", b.gathered(&lead, 10), []string{second.ID, third.ID})
	b.same("the oldest of it", b.gathered(&lead, 1), []string{second.ID})
	b.same("nothing wanted", b.gathered(&lead, 0), []string(nil))

	got := need[[]jobs.LoadedJob](b)(b.store.Gather(t.Context(), queue, lead.ID, 1))[0]
	b.same("the loaded job", got, need[jobs.LoadedJob](b)(b.store.LoadJob(t.Context(), second.ID)))
}

// batch lets two jobs go along with a third.
func (b *bench) batch(ordered bool) (lead, one, two jobs.Job) {
	b.t.Helper()
	queue := b.id()
	lead, one, two = b.subscribed(queue, ordered), b.subscribed(queue, ordered), b.subscribed(queue, ordered)
	lead.Status, lead.Summary, lead.Updated = jobs.JobInProgress, "joined", b.now
	b.recordJob(jobs.JobProgress{Job: lead, Was: jobs.JobQueued, Take: []string{one.ID, two.ID}})
	return lead, b.led(one, &lead), b.led(two, &lead)
}

// led is a job that goes along with another.
func (b *bench) led(j jobs.Job, lead *jobs.Job) jobs.Job {
	j.Batch, j.Status, j.Summary = lead.ID, lead.Status, lead.Summary
	j.ScheduledAt, j.Updated, j.Ended = lead.ScheduledAt, lead.Updated, lead.Ended
	return j
}

func (b *bench) wantJobs(want ...jobs.Job) {
	b.t.Helper()
	for i := range want {
		b.same("the job", need[jobs.Job](b)(b.store.Job(b.t.Context(), want[i].ID)), want[i])
	}
}

func batchFollows(_ *testing.T, b *bench) {
	lead, one, two := b.batch(true)
	b.wantJobs(lead, one, two)
	b.wantDue(jobs.DueQuery{Now: b.now}, time.Time{}, lead)
	b.same("what may go along with another", b.gathered(&jobs.Job{Subscription: lead.Subscription}, 10), []string(nil))

	for _, status := range []jobs.JobStatus{jobs.JobFailed, jobs.JobQueued, jobs.JobComplete, jobs.JobHeld, jobs.JobCancelled} {
		was := lead.Status
		at := b.tick(time.Minute)
		lead.Status, lead.Summary, lead.Updated, lead.ScheduledAt, lead.Ended = status, "now "+string(status), at, at.Add(time.Second), at.Add(2*time.Second)
		b.recordJob(jobs.JobProgress{Job: lead, Was: was})
		b.wantJobs(lead, b.led(one, &lead), b.led(two, &lead))
	}
}

func takeStale(t *testing.T, b *bench) {
	taken, member, _ := b.batch(false)
	queue := taken.Subscription
	lead, free, moved := b.subscribed(queue, false), b.subscribed(queue, false), b.subscribed(queue, false)
	moved.Status = jobs.JobCancelled
	b.recordJob(jobs.JobProgress{Job: moved, Was: jobs.JobQueued, Drop: []string{moved.ID}})
	taken.Status = jobs.JobQueued // it and what goes along are tried again
	b.recordJob(jobs.JobProgress{Job: taken, Was: jobs.JobInProgress})
	next := lead
	next.Status = jobs.JobInProgress
	for what, id := range map[string]string{"one that has moved": moved.ID, "one of another batch": member.ID, "one that is not there": b.id()} {
		err := b.store.RecordJob(t.Context(), jobs.JobProgress{Job: next, Was: jobs.JobQueued, Take: []string{free.ID, id}})
		if !errors.Is(err, jobs.ErrStale) {
			t.Errorf("taking %s = %v; want ErrStale", what, err)
		}
	}
	b.wantJobs(lead, free, moved, b.led(member, &taken))
	b.wantDue(jobs.DueQuery{Now: b.now}, time.Time{}, taken, lead, free)
}

func batchLeft(_ *testing.T, b *bench) {
	lead, one, two := b.batch(false)
	lead.Status, lead.Summary = jobs.JobFailed, "500"
	b.recordJob(jobs.JobProgress{Job: lead, Was: jobs.JobInProgress})
	one = b.led(one, &lead)
	one.Batch, one.Status, one.Summary = "", jobs.JobQueued, "by itself"
	b.recordJob(jobs.JobProgress{Job: one, Was: jobs.JobFailed, Add: []jobs.Work{work(&one, b.now, false)}})
	lead.Status, lead.Summary = jobs.JobComplete, "200"
	b.recordJob(jobs.JobProgress{Job: lead, Was: jobs.JobFailed, Drop: []string{lead.ID}})
	b.wantJobs(lead, one, b.led(two, &lead))
	b.wantDue(jobs.DueQuery{Now: b.now}, time.Time{}, one)
}

func batchSearched(_ *testing.T, b *bench) {
	lead, one, two := b.batch(false)
	b.settle()
	lead.Summary = "teapot"
	b.recordJob(jobs.JobProgress{Job: lead, Was: jobs.JobInProgress})
	b.settle()
	b.same("what is found", b.filtered(jobs.JobFilter{Text: "teapot"}), []string{two.ID, one.ID, lead.ID})
}

func batchReopen(_ *testing.T, b *bench) {
	lead, one, two := b.batch(true)
	behind := b.subscribed(lead.Subscription, true)
	b.reopen()
	b.wantJobs(lead, one, two, behind)
	b.wantDue(jobs.DueQuery{Now: b.now}, time.Time{}, lead)
	lead.Status = jobs.JobComplete
	b.recordJob(jobs.JobProgress{Job: lead, Was: jobs.JobInProgress, Drop: []string{lead.ID}})
	b.wantJobs(b.led(one, &lead), b.led(two, &lead))
	b.wantDue(jobs.DueQuery{Now: b.now}, time.Time{}, behind)
}

func noticeSaved(t *testing.T, b *bench) {
	job := b.delivery()
	notice := b.acceptance()
	job.Status = jobs.JobFailed
	b.recordJob(jobs.JobProgress{Job: job, Was: jobs.JobQueued, Drop: []string{job.ID}, Notice: &notice})
	b.same("the notice's event", need[jobs.EventRecord](b)(b.store.Event(t.Context(), notice.Event.ID)).Verdicts, notice.Verdicts)
	b.same("its job", need[jobs.Job](b)(b.store.Job(t.Context(), notice.Firings[0].Job.ID)), notice.Firings[0].Job)
	b.same("its run", b.load(runID(notice)).Run, *notice.Firings[0].Run)
	b.same("the work", b.due(b.now), notice.Firings[0].First.Add)
}

func noticeStale(t *testing.T, b *bench) {
	job := b.delivery()
	notice := b.acceptance()
	if err := b.store.RecordJob(t.Context(), jobs.JobProgress{Job: job, Was: jobs.JobFailed, Notice: &notice}); !errors.Is(err, jobs.ErrStale) {
		t.Errorf("RecordJob = %v; want ErrStale", err)
	}
	b.same("the events", b.eventIDs(), []string{job.EventID})
}

func noticeKeyReused(t *testing.T, b *bench) {
	first := b.fired(b.keyed("order-1"))
	b.accept(first)
	job := b.delivery()
	notice := b.fired(b.keyed("order-1"))
	notice.Event.Body = []byte(`{"another":"body"}`)
	changed := job
	changed.Status = jobs.JobFailed
	err := b.store.RecordJob(t.Context(), jobs.JobProgress{Job: changed, Was: jobs.JobQueued, Notice: &notice})
	if !errors.Is(err, jobs.ErrKeyReused) {
		t.Errorf("RecordJob = %v; want ErrKeyReused", err)
	}
	b.wantJobs(job)
}
