package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"hooktree/engine"
	"hooktree/server"
	"hooktree/webhooks"
)

// few is how many events or runs are shown one by one; more are counted.
const few = 20

// volley is what became of the events of one command. It keeps the first few
// whole and counts the rest.
type volley struct {
	first      []server.Receipt
	events     int
	duplicates int
	outcomes   map[webhooks.Outcome]int
	runs       []int64 // each once, in the order of the answers
	known      map[int64]bool
}

// add takes up an answer of the server.
func (v *volley) add(events []server.Receipt) {
	if v.outcomes == nil {
		v.outcomes, v.known = map[webhooks.Outcome]int{}, map[int64]bool{}
	}
	for _, e := range events {
		v.events++
		if len(v.first) < few {
			v.first = append(v.first, e)
		}
		if e.Duplicate {
			v.duplicates++
		}
		for _, verdict := range e.Verdicts {
			v.outcomes[verdict.Outcome]++
		}
		for _, job := range e.Jobs {
			if job.Run != 0 && !v.known[job.Run] { // a duplicate event names the runs of the first
				v.known[job.Run] = true
				v.runs = append(v.runs, job.Run)
			}
		}
	}
}

// print shows each event with its verdicts, or how many there were of each.
func (v *volley) print(w io.Writer) {
	if v.events > few {
		fmt.Fprintf(w, "%d events accepted, %d of them duplicates; %d runs; verdicts: %s\n",
			v.events, v.duplicates, len(v.runs), countsOf(v.outcomes))
		return
	}
	for _, e := range v.first {
		printEvent(w, e)
	}
}

// printEvent shows one event, and below it what each webhook made of it.
func printEvent(w io.Writer, e server.Receipt) {
	note := ""
	if e.Duplicate {
		note = ", a duplicate: nothing new was started"
	}
	fmt.Fprintf(w, "%s (event %s%s)\n", e.Path, e.ID, note)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, verdict := range e.Verdicts {
		result := verdict.Reason
		if job, ok := jobOf(e, verdict); ok {
			result = started(job)
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\n", verdict.Outcome, verdict.Webhook, result)
	}
	_ = table.Flush()
}

// jobOf finds the job of a verdict. A webhook with several targets has a
// verdict and a job for each.
func jobOf(e server.Receipt, v server.Verdict) (server.JobRef, bool) {
	first := -1
	for i, job := range e.Jobs {
		if job.Webhook != v.Webhook {
			continue
		}
		if job.Target.Tree+job.Target.URL == v.Target {
			return job, true
		}
		if first < 0 {
			first = i
		}
	}
	if first < 0 {
		return server.JobRef{}, false
	}
	return e.Jobs[first], true
}

// started says what a job does.
func started(job server.JobRef) string {
	switch {
	case job.Run != 0:
		return fmt.Sprintf("run #%d", job.Run)
	case job.Target.URL != "":
		return "job " + job.ID + " to " + job.Target.URL
	default:
		return "job " + job.ID
	}
}

// runReport shows how runs ended.
type runReport struct {
	total  int
	counts map[engine.RunStatus]int
}

// add shows a run, unless there are many and it did what it should.
func (r *runReport) add(w io.Writer, run endedRun) {
	r.counts[run.Status]++
	if r.total > few && run.Status == engine.RunComplete {
		return
	}
	fmt.Fprintf(w, "run #%d %s", run.Number, run.Status)
	if !run.EndedAt.IsZero() {
		fmt.Fprintf(w, " after %s", run.EndedAt.Sub(run.CreatedAt.Time))
	}
	fmt.Fprintf(w, "  %s\n", run.Tree.Title)
	for _, why := range run.why() {
		fmt.Fprintf(w, "  %s\n", why)
	}
	if run.Outputs != nil {
		if text, err := json.Marshal(run.Outputs); err == nil {
			fmt.Fprintf(w, "  returned %s\n", text)
		}
	}
}

// endedRun is a run that moves no more, with the errors that stopped it.
type endedRun struct {
	server.Run

	errors []server.Error
}

// why says in sentences what kept a run from its end.
func (r endedRun) why() []string {
	var why []string
	for _, e := range r.errors {
		why = append(why, fmt.Sprintf("%s: %s", e.Node, e.Error.Message))
	}
	if len(why) == 0 && r.WaitingFor != "" {
		why = append(why, r.WaitingFor)
	}
	if r.Reason != "" {
		why = append(why, r.Reason)
	}
	return why
}

// end counts many runs, and fails where one is not complete.
func (r *runReport) end(w io.Writer) error {
	if r.total > few {
		fmt.Fprintf(w, "%d runs ended: %s\n", r.total, countsOf(r.counts))
	}
	if complete := r.counts[engine.RunComplete]; complete < r.total {
		return fmt.Errorf("%d of %d runs did not complete", r.total-complete, r.total)
	}
	return nil
}

// countsOf lists what was counted, by name.
func countsOf[K ~string](counts map[K]int) string {
	if len(counts) == 0 {
		return "none"
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[name], name))
	}
	return strings.Join(parts, ", ")
}
