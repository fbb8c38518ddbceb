package storetest

import (
	"errors"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
)

var jobTests = []test{
	{"an attempt is read back whole", attemptReadBack},
	{"a job whose status has moved is stale", staleJob},
	{"a job that is not there is not found", unknownJob},
	{"a retry of a tree job starts a run of its own", treeRetry},
	{"a retried run waits for its lane", treeRetryLane},
	{"a retry leaves the tree's key with the first run", treeRetryKey},
}

// delivery accepts one event that goes to a URL, and gives its job.
func (b *bench) delivery() jobs.Job {
	b.t.Helper()
	e := b.event()
	f := b.urlFiring(&e, "desk.example.com")
	b.accept(jobs.Acceptance{Event: e, Verdicts: []webhooks.Verdict{{Webhook: "notify desk", Outcome: webhooks.Fired}}, Firings: []jobs.Firing{f}})
	return f.Job
}

func (b *bench) recordJob(p jobs.JobProgress) {
	b.t.Helper()
	if err := b.store.RecordJob(b.t.Context(), p); err != nil {
		b.t.Fatalf("RecordJob: %v", err)
	}
}

func attemptReadBack(t *testing.T, b *bench) {
	job := b.delivery()
	at := b.tick(time.Second)
	job.Status, job.Summary = jobs.JobInProgress, "503 Service Unavailable"
	job.Updated, job.ScheduledAt = at, at.Add(time.Minute)
	job.Request.SHA256 = "c0ffee"
	job.Response = &jobs.Response{Status: 503, Headers: map[string][]string{"Retry-After": {"60"}}, Body: []byte("later"), Cut: true}
	job.Attempts = []jobs.Attempt{{Number: 1, At: at, Took: 20 * time.Millisecond, Status: 503, Response: job.Response}}
	again := jobs.Work{ID: job.ID, Kind: jobs.WorkDelivery, JobID: job.ID, Due: job.ScheduledAt, Host: "desk.example.com"}
	b.recordJob(jobs.JobProgress{Job: job, Was: jobs.JobQueued, Add: []jobs.Work{again}})

	b.same("the job", need[jobs.Job](b)(b.store.Job(t.Context(), job.ID)), job)
	b.same("the loaded job", need[jobs.LoadedJob](b)(b.store.LoadJob(t.Context(), job.ID)).Job, job)
	b.same("the work now", b.due(at), []jobs.Work(nil))
	b.same("the work in a minute", b.due(job.ScheduledAt), []jobs.Work{again})

	job.Status, job.Ended, job.RetryCount = jobs.JobComplete, b.tick(time.Minute), 1
	b.recordJob(jobs.JobProgress{Job: job, Was: jobs.JobInProgress, Drop: []string{job.ID}})
	b.same("the ended job", need[jobs.Job](b)(b.store.Job(t.Context(), job.ID)), job)
	b.same("the work after the end", b.due(b.now.Add(time.Hour)), []jobs.Work(nil))
}

func staleJob(t *testing.T, b *bench) {
	job := b.delivery()
	changed := job
	changed.Status = jobs.JobCancelled
	err := b.store.RecordJob(t.Context(), jobs.JobProgress{
		Job: changed, Was: jobs.JobInProgress, Drop: []string{job.ID}, Audit: &jobs.Audit{At: b.now, Did: "job.cancel"},
	})
	if !errors.Is(err, jobs.ErrStale) {
		t.Errorf("RecordJob gave %v; want ErrStale", err)
	}
	b.same("the job", need[jobs.Job](b)(b.store.Job(t.Context(), job.ID)), job)
	b.same("the work", b.workIDs(b.now), []string{job.ID})
	b.same("the audit", rows[jobs.Audit](b)(b.store.Audits(t.Context(), jobs.Page{})), []jobs.Audit(nil))
}

func unknownJob(t *testing.T, b *bench) {
	id := b.id()
	if _, err := b.store.Job(t.Context(), id); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("Job gave %v; want ErrNotFound", err)
	}
	if _, err := b.store.LoadJob(t.Context(), id); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("LoadJob gave %v; want ErrNotFound", err)
	}
	if err := b.store.RecordJob(t.Context(), jobs.JobProgress{Job: jobs.Job{ID: id}}); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("RecordJob gave %v; want ErrNotFound", err)
	}
	if _, err := b.store.Event(t.Context(), id); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("Event gave %v; want ErrNotFound", err)
	}
}

// again is the retry of an acceptance's tree job.
func (b *bench) again(a jobs.Acceptance) jobs.JobProgress {
	b.tick(time.Second)
	job := a.Firings[0].Job
	e := a.Event
	e.Received = b.now
	run := b.run(&e, &job)
	run.Lane = a.Firings[0].Run.Lane
	job.RetryCount++
	job.Attempts = []jobs.Attempt{{Number: 1, At: a.Event.Received, Run: a.Firings[0].Run.Number}, {Number: 2, At: b.now, Run: run.Number}}
	job.Updated = b.now
	return jobs.JobProgress{
		Job: job, Was: a.Firings[0].Job.Status, Run: &run, First: b.firstStep(run),
		Audit: &jobs.Audit{At: b.now, Who: "manager", Did: "job.retry", What: job.ID},
	}
}

func treeRetry(t *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	p := b.again(a)
	b.recordJob(p)
	b.same("the job", need[jobs.Job](b)(b.store.Job(t.Context(), p.Job.ID)), p.Job)
	b.same("the run", b.load(p.Run.ID, "lookup"), jobs.Loaded{Run: *p.Run, Data: a.Event.Data, Tasks: p.First.Delta.Tasks})
	b.same("the runs of the job", rows[jobs.Run](b)(b.store.Runs(t.Context(), jobs.RunFilter{JobID: p.Job.ID})),
		[]jobs.Run{*p.Run, *a.Firings[0].Run})
	if n := len(b.due(b.now)); n != 2 {
		t.Errorf("%d pieces of work are due; want one a run", n)
	}
	refs := need[jobs.EventRecord](b)(b.store.Event(t.Context(), a.Event.ID)).Jobs
	if len(refs) != 1 || refs[0].Run != p.Run.Number || refs[0].RunID != p.Run.ID {
		t.Errorf("the event's jobs are %+v; want one with its latest run #%d", refs, p.Run.Number)
	}
	b.same("the audit", rows[jobs.Audit](b)(b.store.Audits(t.Context(), jobs.Page{})), []jobs.Audit{*p.Audit})
}

func treeRetryLane(_ *testing.T, b *bench) {
	a := b.inLane("manager")
	b.accept(a)
	p := b.again(a)
	b.recordJob(p)
	b.same("the retried run", b.load(p.Run.ID).Run, p.Run.Queued())
	b.end(runID(a), engine.RunComplete)
	b.same("the starts", b.starts(), []string{p.Run.ID})
}

func treeRetryKey(_ *testing.T, b *bench) {
	a := b.withKey("submission-1")
	b.accept(a)
	p := b.again(a)
	p.Run.Dedupe = "submission-1"
	b.recordJob(p)
	b.same("the key of the retried run", b.load(p.Run.ID).Run.Dedupe, "")
	b.isDuplicate(b.accept(b.withKey("submission-1"))[0].Verdicts)
}
