package jobs_test

import (
	"errors"
	"net/http"
	"testing"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
)

var manager = jobs.Act{By: "manager", Note: "asked for"}

func TestRunner_RetryJob_givesATreeJobARunOfItsOwn(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	ref := h.fire().Jobs[0]
	h.drain()

	if _, err := h.runner.RetryJob(t.Context(), ref.ID, manager); err != nil {
		t.Fatal(err)
	}
	h.drain()

	job := h.job(ref.ID)
	if job.Run != 2 || job.RetryCount != 1 || job.Summary != "Initiated run #2" || job.Status != jobs.JobComplete {
		t.Errorf("the job is %s, %q, run %d after %d retries; want Complete with run 2 after 1", job.Status, job.Summary, job.Run, job.RetryCount)
	}
	if len(job.Attempts) != 2 || job.Attempts[0].Run != 1 || job.Attempts[1].Run != 2 {
		t.Errorf("the attempts are %+v; want one a run", job.Attempts)
	}
	h.wantRun(1, engine.RunComplete)
	h.wantRun(2, engine.RunComplete)
	if h.desk.calls[0].Key == h.desk.calls[1].Key {
		t.Error("two runs called with one key")
	}
	if got := h.audits(); len(got) != 1 || got[0] != "manager job.retry asked for" {
		t.Errorf("the audit is %v; want the retry", got)
	}
}

func TestRunner_RetryJob_findsATreeThatCameLater(t *testing.T) {
	t.Parallel()
	h := build(t)
	ref := h.fire().Jobs[0]
	if _, err := h.runner.RetryJob(t.Context(), ref.ID, manager); err != nil {
		t.Fatal(err)
	}
	job := h.job(ref.ID)
	if job.Status != jobs.JobFailed || len(job.Attempts) != 2 || job.Attempts[1].Status != 404 || job.RetryCount != 1 {
		t.Errorf("the job is %s with the attempts %+v; want Failed with two of 404", job.Status, job.Attempts)
	}
	h.trees.add(t, pureTree)
	if _, err := h.runner.RetryJob(t.Context(), ref.ID, manager); err != nil {
		t.Fatal(err)
	}
	job = h.job(ref.ID)
	if job.Status != jobs.JobComplete || job.Run != 1 || job.Response != nil || job.RetryCount != 2 {
		t.Errorf("the job is %s, run %d, answer %v; want Complete with run 1 and no answer", job.Status, job.Run, job.Response)
	}
	h.wantRun(1, engine.RunComplete)
}

func TestRunner_RetryJob_keepsToTheLane(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	title := engine.Title{Source: source, Group: "Submissions > services > laptop-request", Name: "Submitted"}
	h.trees.lane = map[engine.Title]string{title: "manager"}
	ref := h.fire().Jobs[0]
	if _, err := h.runner.RetryJob(t.Context(), ref.ID, manager); err != nil {
		t.Fatal(err)
	}
	h.wantRun(2, engine.RunQueued)
	h.drain()
	h.wantRun(2, engine.RunComplete)
}

func TestRunner_RetryJob_deliversUnderTheSameID(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.toURL(webhooks.URLFiring{URL: "https://desk.example.com/hook"})
	h.desk.transport = func(*http.Request) (*http.Response, error) {
		if len(h.desk.requests) == 1 {
			return answer(410, ""), nil
		}
		return answer(200, ""), nil
	}
	ref := h.fire().Jobs[0]
	h.drain()
	if _, err := h.runner.RetryJob(t.Context(), ref.ID, manager); err != nil {
		t.Fatal(err)
	}
	if job := h.job(ref.ID); job.Status != jobs.JobQueued || !job.Ended.IsZero() {
		t.Errorf("after the retry the job is %s, ended %v; want Queued", job.Status, job.Ended)
	}
	h.drain()
	job := h.job(ref.ID)
	if job.Status != jobs.JobComplete || job.RetryCount != 1 || len(job.Attempts) != 2 {
		t.Errorf("the job is %s after %d retries; want Complete after 1", job.Status, job.RetryCount)
	}
	if id := h.desk.requests[1].Header.Get("Webhook-Id"); id != ref.ID {
		t.Errorf("the second delivery has the id %s; want %s", id, ref.ID)
	}
}

func TestRunner_CancelJob(t *testing.T) {
	t.Parallel()

	t.Run("a URL job is sent no more", func(t *testing.T) {
		t.Parallel()
		h := build(t)
		h.toURL(webhooks.URLFiring{URL: "https://desk.example.com/hook"})
		ref := h.fire().Jobs[0]
		if _, err := h.runner.CancelJob(t.Context(), ref.ID, manager); err != nil {
			t.Fatal(err)
		}
		h.drain()
		if job := h.job(ref.ID); job.Status != jobs.JobCancelled || len(h.desk.requests) != 0 || job.Ended.IsZero() {
			t.Errorf("the job is %s after %d requests; want Cancelled after none", job.Status, len(h.desk.requests))
		}
		if _, err := h.runner.CancelJob(t.Context(), ref.ID, manager); !errors.Is(err, jobs.ErrFinal) {
			t.Errorf("a second cancel gave %v; want ErrFinal", err)
		}
		if got := h.audits(); len(got) != 1 || got[0] != "manager job.cancel asked for" {
			t.Errorf("the audit is %v; want one cancel", got)
		}
	})
	t.Run("a delivery under way is recorded and does not wake the job", func(t *testing.T) {
		t.Parallel()
		h := build(t)
		h.toURL(webhooks.URLFiring{URL: "https://desk.example.com/hook"})
		ref := h.fire().Jobs[0]
		h.desk.transport = func(*http.Request) (*http.Response, error) {
			if _, err := h.runner.CancelJob(t.Context(), ref.ID, manager); err != nil {
				t.Error(err)
			}
			return answer(500, ""), nil
		}
		h.drain()
		job := h.job(ref.ID)
		if job.Status != jobs.JobCancelled || len(job.Attempts) != 1 || len(h.desk.requests) != 1 {
			t.Errorf("the job is %s with %d attempts; want Cancelled with the one", job.Status, len(job.Attempts))
		}
	})
	t.Run("a delivery that is about to begin is not made", func(t *testing.T) {
		t.Parallel()
		h := build(t)
		h.toURL(webhooks.URLFiring{URL: "https://desk.example.com/hook"})
		ref := h.fire().Jobs[0]
		h.config = func(c *jobs.Config) {
			c.Ledger = &listing{Store: h.store, then: func() {
				if _, err := h.runner.CancelJob(t.Context(), ref.ID, manager); err != nil && !errors.Is(err, jobs.ErrFinal) {
					t.Error(err)
				}
			}}
		}
		h.start()
		h.drain()
		if job := h.job(ref.ID); job.Status != jobs.JobCancelled || len(h.desk.requests) != 0 {
			t.Errorf("the job is %s after %d requests; want Cancelled after none", job.Status, len(h.desk.requests))
		}
	})
	t.Run("the run of a tree job is canceled", func(t *testing.T) {
		t.Parallel()
		h := build(t, callTree)
		ref := h.fire().Jobs[0]
		if _, err := h.runner.CancelJob(t.Context(), ref.ID, manager); err != nil {
			t.Fatal(err)
		}
		run := h.wantRun(1, engine.RunCancelled)
		if run.Head.Reason != "cancelled by manager: asked for" {
			t.Errorf("the reason is %q; want who and why", run.Head.Reason)
		}
		h.drain()
		if len(h.desk.calls) != 0 {
			t.Errorf("%d calls were made after the cancel; want none", len(h.desk.calls))
		}
	})
	t.Run("there is no such job", func(t *testing.T) {
		t.Parallel()
		h := build(t)
		if _, err := h.runner.CancelJob(t.Context(), "none", manager); !errors.Is(err, jobs.ErrNotFound) {
			t.Errorf("CancelJob gave %v; want ErrNotFound", err)
		}
		if _, err := h.runner.RetryJob(t.Context(), "none", manager); !errors.Is(err, jobs.ErrNotFound) {
			t.Errorf("RetryJob gave %v; want ErrNotFound", err)
		}
	})
}

func TestRunner_CancelRun(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	title := engine.Title{Source: source, Group: "Submissions > services > laptop-request", Name: "Submitted"}
	h.trees.lane = map[engine.Title]string{title: "manager"}
	for range 3 {
		h.fire()
	}
	if err := h.runner.CancelRun(t.Context(), 2, manager); err != nil {
		t.Fatal(err)
	}
	h.wantRun(2, engine.RunCancelled) // it had not begun
	h.wantRun(3, engine.RunQueued)
	if err := h.runner.CancelRun(t.Context(), 1, manager); err != nil {
		t.Fatal(err)
	}
	h.drain()
	h.wantRun(1, engine.RunCancelled)
	h.wantRun(3, engine.RunComplete) // the lane went on
	if err := h.runner.CancelRun(t.Context(), 3, manager); !errors.Is(err, jobs.ErrFinal) {
		t.Errorf("the cancel of a complete run gave %v; want ErrFinal", err)
	}
	if err := h.runner.CancelRun(t.Context(), 4711, manager); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("the cancel of no run gave %v; want ErrNotFound", err)
	}
	if got := h.audits(); len(got) != 2 {
		t.Errorf("the audit is %v; want the two cancels", got)
	}
}
