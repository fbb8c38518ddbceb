package examples_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"hooktree/engine"
	"hooktree/server"
	"hooktree/webhooks/subscription"
)

// transcript posts an event, waits for everything that it led to, and tells
// what became of it: verdicts, jobs, runs with each task, and what reached the
// receiver.
func (s *stage) transcript(event string) string {
	s.t.Helper()
	before := len(s.receiver.Printed())
	var receipts server.Receipts
	s.call(http.MethodPost, "events", event, &receipts)
	var b strings.Builder
	for i, receipt := range receipts.Events {
		if i > 0 {
			b.WriteString("\n")
		}
		s.event(&b, receipt)
	}
	for _, request := range requests(s.receiver.Printed()[before:]) {
		fmt.Fprintf(&b, "\nreceived %s\n", request)
	}
	return s.mask(b.String())
}

// event tells of an event with all that it led to.
func (s *stage) event(b *strings.Builder, receipt server.Receipt) {
	s.t.Helper()
	fmt.Fprintf(b, "event %s\n", receipt.Path)
	for _, v := range receipt.Verdicts {
		fmt.Fprintf(b, "  %s %s -> %s: %s\n", v.Outcome, v.Webhook, v.Target, v.Reason)
	}
	for _, job := range receipt.Jobs {
		s.job(b, job.ID)
	}
}

// job tells how a job ended, and the run that it started.
func (s *stage) job(b *strings.Builder, id string) {
	s.t.Helper()
	var job server.Job
	s.server.Until("job "+id+" ended", func() bool {
		s.call(http.MethodGet, "jobs/"+id, "", &job)
		return job.Status.Final()
	})
	if job.Run == 0 {
		s.settled(job)
		fmt.Fprintf(b, "\njob %s to %s: %s, %s\n", job.Webhook, job.URL, job.Status, job.Summary)
		return
	}
	fmt.Fprintf(b, "\njob %s: %s, %s\n", job.Webhook, job.Status, job.Summary)
	var run server.Run
	s.server.Until("its run ended", func() bool {
		run = server.Run{} // members that are left out would stay
		s.call(http.MethodGet, fmt.Sprintf("runs/%d", job.Run), "", &run)
		return run.Status.Final() || run.Status == engine.RunError
	})
	fmt.Fprintf(b, "run #%d of %s: %s\n", run.Number, run.Tree.Title, run.Status)
	var told struct {
		Tasks []server.Task `json:"tasks"`
	}
	s.call(http.MethodGet, fmt.Sprintf("runs/%d/tasks?limit=500", job.Run), "", &told)
	for _, task := range told.Tasks {
		tell(b, task)
	}
	if run.Outputs != nil {
		fmt.Fprintf(b, "returned %s\n", plain(run.Outputs))
	}
}

// settled waits until the subscription of a delivery that ended has taken note
// of it: that comes a moment after the job.
func (s *stage) settled(job server.Job) {
	s.t.Helper()
	if job.Subscription == "" {
		return
	}
	s.server.Until("the subscription took note of job "+job.ID, func() bool {
		var told struct{ Subscriptions []server.Subscription }
		s.call(http.MethodGet, "subscriptions", "", &told)
		for _, sub := range told.Subscriptions {
			if sub.ID == job.Subscription {
				return sub.Triggered > 0 || sub.Status != subscription.Active
			}
		}
		return true // it was deleted
	})
}

// tell tells of one task.
func tell(b *strings.Builder, task server.Task) {
	fmt.Fprintf(b, "  %s", task.Node)
	if place := task.Place; len(place) > 0 {
		fmt.Fprintf(b, " at %v", place)
	}
	fmt.Fprintf(b, " (%s): %s", task.Does, task.Status)
	if task.Attempt > 1 {
		fmt.Fprintf(b, " at attempt %d", task.Attempt)
	}
	for _, why := range []string{task.Message, task.Reason} {
		if why != "" {
			fmt.Fprintf(b, ", %s", why)
		}
	}
	b.WriteString("\n")
	for _, attempt := range task.Attempts {
		fmt.Fprintf(b, "    attempt %d: %s\n", attempt.Number, attempt.Error.Message)
	}
	if task.Error != nil {
		fmt.Fprintf(b, "    error: %s\n", task.Error.Message)
	}
	if task.Results != nil {
		fmt.Fprintf(b, "    = %s\n", plain(task.Results))
	}
	for _, c := range task.Connectors {
		if c.When == "" && c.Fired {
			continue
		}
		fmt.Fprintf(b, "    to %s %s", c.To, strings.TrimSpace(c.Label))
		if c.When != "" {
			fmt.Fprintf(b, ": %s", c.When)
		}
		fmt.Fprintf(b, " -> %t\n", c.Fired)
	}
}

// plain renders a value in one line, the members in order.
func plain(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// requests parts what the receiver printed into requests, in the order of
// their text: what is sent at the same time comes in any order.
func requests(printed string) []string {
	var found []string
	for line := range strings.Lines(printed) {
		if strings.HasPrefix(line, " ") && len(found) > 0 {
			found[len(found)-1] += "\n" + strings.TrimRight(line, "\n")
			continue
		}
		found = append(found, strings.TrimSpace(line))
	}
	slices.Sort(found)
	return found
}

// moving are the parts of a text that differ from run to run, and what stands
// for them.
var moving = []struct {
	form *regexp.Regexp
	mask string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`), "ID"}, // a UUIDv7 is ours
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`), "TIME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00`), "TIME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`), "TIME"},
	{regexp.MustCompile(`[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT`), "DATE"},
	{regexp.MustCompile(`\b(after|took) [0-9.µmsh]+`), "$1 A WHILE"},
	{regexp.MustCompile(`\([0-9.]+ [kM]B\)`), "(SIZE)"},
	{regexp.MustCompile(`\b[0-9a-f]{24}\b`), "ID"}, // as Accelo's look
	{regexp.MustCompile(`\bwhsec_[A-Za-z0-9+/]{43}=`), "SECRET"},
	{regexp.MustCompile(`\b(ht|hsetup|hcs|hr)_[A-Za-z0-9_-]{20,}`), "SECRET"},
}

// masked puts a mask on everything that moves.
func masked(text string) string {
	for _, m := range moving {
		text = m.form.ReplaceAllString(text, m.mask)
	}
	return text
}

func (s *stage) mask(text string) string {
	text = strings.ReplaceAll(text, s.reached, receiverAddress)
	return masked(strings.ReplaceAll(text, s.address, serverAddress))
}
