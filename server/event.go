package server

import (
	"context"
	"encoding/json"

	"hooktree/jobs"
	"hooktree/trees/expression"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/source"
)

// Event is an event that was accepted, as the API shows it.
type Event struct {
	ID         string          `json:"id"`
	ExternalID string          `json:"externalId,omitempty" doc:"The sender's id or Idempotency-Key"`
	Platform   string          `json:"platform,omitempty"`
	Type       string          `json:"type"`
	Action     string          `json:"action"`
	Path       string          `json:"path"`
	Kapp       string          `json:"kapp,omitempty"`
	Form       string          `json:"form,omitempty"`
	Submission string          `json:"submission,omitempty" doc:"Id of what the event happened to"`
	Sender     string          `json:"sender,omitempty" doc:"Credential that sent it"`
	Cause      *Cause          `json:"cause,omitempty" doc:"When our own work led to it"`
	OccurredAt Time            `json:"occurredAt"`
	ReceivedAt Time            `json:"receivedAt"`
	Verdicts   []Verdict       `json:"verdicts"`
	Jobs       []JobRef        `json:"jobs"`
	Payload    json.RawMessage `json:"payload,omitempty" doc:"As it was received; not in lists"`
}

// Cause is the run of ours that led to an event.
type Cause struct {
	Run   string `json:"run" doc:"Id of the run"`
	Depth int    `json:"depth" doc:"Length of the chain of runs behind it"`
}

// Verdict says what became of one webhook for one event, and why.
type Verdict struct {
	Webhook string           `json:"webhook" doc:"Name; the tree's path for the naming convention"`
	Hash    string           `json:"hash,omitempty" doc:"Of the definition or tree version that decided"`
	Outcome webhooks.Outcome `json:"outcome" enum:"fired,filtered,error,inactive,overridden,duplicate,loop,none"`
	Reason  string           `json:"reason"`
	Filter  string           `json:"filter,omitempty" doc:"Expression that decided"`
	Target  string           `json:"target,omitempty" doc:"Title of the tree, or URL"`
	Seen    []Seen           `json:"seen,omitempty" doc:"Value of every sub-expression of the filter; not in lists"`
}

// Seen is one part of an expression and what it was worth.
type Seen struct {
	Expression string `json:"expression" doc:"As the author wrote it"`
	Shown      string `json:"shown,omitempty" doc:"With values in place of names: 2400 > 1000"`
	Value      any    `json:"value" doc:"Null when it was not evaluated"`
	Evaluated  bool   `json:"evaluated" doc:"False for what and, or, ?: or an error left out"`
	Error      string `json:"error,omitempty" doc:"What the evaluation ended with"`
}

// JobRef names a job that an event made.
type JobRef struct {
	ID      string `json:"id"`
	Webhook string `json:"webhook"`
	Target  Target `json:"target"`
	Run     int64  `json:"run,omitempty"`
}

// newEvent shows an event as lists show it.
func newEvent(r jobs.EventRecord) Event {
	e := r.Event
	return Event{
		ID: e.ID, ExternalID: e.ExternalID, Platform: e.Platform, Type: e.Type, Action: e.Action, Path: e.Path,
		Kapp: e.Scope.Kapp, Form: e.Scope.Form, Submission: e.Entity, Sender: e.Credential, Cause: newCause(e.Cause),
		OccurredAt: Time{e.Occurred}, ReceivedAt: Time{e.Received},
		Verdicts: newVerdicts(r.Verdicts), Jobs: newJobRefs(r.Jobs),
	}
}

// newEventDetail shows an event whole.
func newEventDetail(r jobs.EventRecord) Event {
	e := newEvent(r)
	if json.Valid(r.Event.Body) {
		e.Payload = r.Event.Body
	}
	return e
}

func newCause(c event.Cause) *Cause {
	if c == (event.Cause{}) {
		return nil
	}
	return &Cause{Run: c.Run, Depth: c.Depth}
}

func newVerdicts(verdicts []webhooks.Verdict) []Verdict {
	shown := make([]Verdict, len(verdicts))
	for i, v := range verdicts {
		shown[i] = Verdict{
			Webhook: v.Webhook, Hash: v.Hash, Outcome: v.Outcome, Reason: v.Reason, Filter: v.Filter, Target: v.Target,
		}
	}
	return shown
}

func newJobRefs(refs []jobs.JobRef) []JobRef {
	shown := make([]JobRef, len(refs))
	for i, r := range refs {
		shown[i] = JobRef{ID: r.ID, Webhook: r.Webhook, Target: Target{Tree: r.Tree, URL: r.URL}, Run: r.Run}
	}
	return shown
}

type eventsAsked struct {
	Paging
	Span

	Platform   string           `query:"platform" doc:"As the catalogue names it"`
	Source     string           `query:"source" doc:"Name of the inbound source that it came by"`
	Type       string           `query:"type"`
	Action     string           `query:"action"`
	Path       string           `query:"path"`
	Kapp       string           `query:"kapp"`
	Form       string           `query:"form"`
	Submission string           `query:"submission" doc:"Id of what the event happened to"`
	Fired      string           `query:"fired" enum:"true,false" doc:"false: no verdict is fired, so that nothing came of it"`
	Outcome    webhooks.Outcome `query:"outcome" enum:"fired,filtered,error,inactive,overridden,duplicate,loop,none" doc:"At least one verdict is this"`
	Text       string           `query:"q" doc:"In path, ids, payload"`
}

type eventsTold struct {
	Body struct {
		Events []Event `json:"events"`
		Next   string  `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
	}
}

func (in *eventsAsked) filter() jobs.EventFilter {
	f := jobs.EventFilter{
		Page: in.page(), Platform: in.Platform, Type: in.Type, Action: in.Action, Path: in.Path, Kapp: in.Kapp, Form: in.Form,
		Entity: in.Submission, Outcome: string(in.Outcome), From: in.From, To: in.To, Text: in.Text,
	}
	if in.Source != "" {
		f.Credential = source.CredentialOf(in.Source)
	}
	if in.Fired != "" {
		f.Fired = new(in.Fired == "true")
	}
	return f
}

func (s *Server) listEvents(ctx context.Context, in *eventsAsked) (*eventsTold, error) {
	records, next, err := s.services.History.Events(ctx, in.filter())
	if err != nil {
		return nil, err
	}
	out := &eventsTold{}
	out.Body.Events, out.Body.Next = shown(records, newEvent), next
	return out, nil
}

// IDAsked is the path of a call about one event or job. Huma reads embedded
// structs only where they are exported.
type IDAsked struct {
	ID string `path:"id" maxLength:"100"`
}

type eventTold struct{ Body Event }

func (s *Server) showEvent(ctx context.Context, in *IDAsked) (*eventTold, error) {
	record, err := s.services.History.Event(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	detail := newEventDetail(record)
	for i, v := range record.Verdicts {
		if v.Filter == "" {
			continue
		}
		parts, err := s.services.Explain.Verdict(ctx, record, v)
		detail.Verdicts[i].Seen = seen(v.Filter, parts, err)
	}
	return &eventTold{Body: detail}, nil
}

// seen shows what an expression saw. The error that the evaluation ended with
// stands at the outermost part; so does why it cannot be recomputed, when its
// version is gone.
func seen(whole string, parts []expression.Seen, err error) []Seen {
	list := shown(parts, func(p expression.Seen) Seen {
		return Seen{Expression: p.Text, Shown: p.Shown, Value: p.Value, Evaluated: p.Evaluated}
	})
	if err == nil {
		return list
	}
	if len(list) == 0 {
		list = []Seen{{Expression: whole}}
	}
	list[0].Error = err.Error()
	return list
}
