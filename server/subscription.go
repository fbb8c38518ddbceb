package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hooktree/jobs"
	"hooktree/server/accounts"
	"hooktree/webhooks/subscription"
)

// Subscription is a webhook that an outside application made, as the API shows
// it: without its secrets.
type Subscription struct {
	ID          string              `json:"id"`
	Name        string              `json:"name" doc:"Its webhook in verdicts and jobs: dialect and the id that the dialect shows"`
	Dialect     string              `json:"dialect"`
	ExternalID  string              `json:"externalId" doc:"The id that its dialect shows"`
	Owner       accounts.Owner      `json:"owner" doc:"Whose token made it"`
	Event       string              `json:"event" doc:"As the dialect spells it"`
	URL         string              `json:"url" doc:"The values of its query, which may be secrets, are hidden"`
	Status      subscription.Status `json:"status" enum:"pending,active,disabled"`
	Reason      string              `json:"reason,omitempty" doc:"Why it is not active"`
	ContentType string              `json:"contentType,omitempty" doc:"Of deliveries, where the dialect gives a choice"`
	Filter      string              `json:"filter,omitempty"`
	Ordered     bool                `json:"ordered" doc:"Deliveries are sent one after the other, in the order of events"`
	Rate        float64             `json:"rate,omitempty" doc:"Most deliveries a second"`
	Concurrency int                 `json:"concurrency,omitempty" doc:"Most deliveries at a time"`
	Secrets     int                 `json:"secrets" doc:"How many secrets sign its deliveries; several while one is rotated"`
	Triggered   int64               `json:"triggered" doc:"Events that were delivered"`
	TriggeredAt Time                `json:"triggeredAt,omitzero" doc:"When one was last delivered"`
	Health      EndpointHealth      `json:"health"`
	Held        *int                `json:"held,omitempty" doc:"Deliveries that wait for a replay, counted up to 1000; not in lists"`
	Jobs        string              `json:"jobs" doc:"Address of its deliveries, the latest first"`
	ExpiresAt   Time                `json:"expiresAt,omitzero"`
	CreatedAt   Time                `json:"createdAt"`
	UpdatedAt   Time                `json:"updatedAt"`
}

// EndpointHealth is how an endpoint has done lately.
type EndpointHealth struct {
	Failures int  `json:"failures" doc:"Failed attempts in a row"`
	Timeouts int  `json:"timeouts" doc:"Time-outs in a row"`
	Since    Time `json:"since,omitzero" doc:"When the first of the failures ended"`
	OpenTill Time `json:"openUntil,omitzero" doc:"Nothing is sent before: the circuit is open"`
}

func newSubscription(s subscription.Subscription) Subscription {
	return Subscription{
		ID: s.ID, Name: s.Name(), Dialect: s.Dialect, ExternalID: s.External, Owner: accounts.Owner(s.Owner), Event: s.Event, URL: s.Address(),
		Status: s.Status, Reason: s.Reason, ContentType: s.ContentType, Filter: s.Filter, Ordered: s.Ordered, Rate: s.Rate,
		Concurrency: s.Concurrency, Secrets: len(s.Secrets), Triggered: s.Triggered, TriggeredAt: Time{s.LastTriggered},
		Health: EndpointHealth{
			Failures: s.Health.Failures, Timeouts: s.Health.Timeouts, Since: Time{s.Health.Since}, OpenTill: Time{s.Health.OpenUntil},
		},
		Jobs:      nativePrefix + "/jobs?subscription=" + url.QueryEscape(s.ID),
		ExpiresAt: Time{s.Expires}, CreatedAt: Time{s.Created}, UpdatedAt: Time{s.Updated},
	}
}

type subscriptionsAsked struct {
	Paging

	Dialect string                `query:"dialect" maxLength:"100"`
	Status  []subscription.Status `query:"status" enum:"pending,active,disabled" doc:"One or more, by comma"`
	Event   string                `query:"event" maxLength:"255" doc:"As the dialect spells it"`
	Owner   string                `query:"owner" maxLength:"255" doc:"Id, name or email of an owner"`
	Failing bool                  `query:"failing" doc:"Only those whose latest attempt failed, disabled for that or not"`
	Order   subscriptionOrder     `query:"order" enum:"newest,trouble" default:"newest" doc:"trouble: those that get nothing or fail come first"`
	Text    string                `query:"q" maxLength:"255" doc:"In the address or the name, in any case of its letters"`
}

// wants reports whether a subscription is asked for.
func (in *subscriptionsAsked) wants(s *subscription.Subscription) bool {
	switch {
	case in.Dialect != "" && s.Dialect != in.Dialect,
		in.Event != "" && s.Event != in.Event,
		in.Failing && !s.Health.Degraded():
		return false
	}
	return in.owned(s.Owner) && in.standing(s.Status) && (in.says(s.Address()) || in.says(s.Name()))
}

// says reports whether the text that is asked for stands in another.
func (in *subscriptionsAsked) says(text string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(in.Text))
}

func (in *subscriptionsAsked) owned(o subscription.Owner) bool {
	return in.Owner == "" || in.Owner == o.Name || in.Owner == o.Email || o.ID != 0 && in.Owner == fmt.Sprint(o.ID)
}

func (in *subscriptionsAsked) standing(status subscription.Status) bool {
	return len(in.Status) == 0 || slices.Contains(in.Status, status)
}

type subscriptionsTold struct {
	Body struct {
		Subscriptions []Subscription `json:"subscriptions"`
		Next          string         `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
	}
}

func (s *Server) listSubscriptions(_ context.Context, in *subscriptionsAsked) (*subscriptionsTold, error) {
	behind, err := parsePlace(in.Cursor)
	if err != nil {
		return nil, err
	}
	all, now := s.services.Subscriptions.All(), s.config.Now()
	var wanted []placed
	for i := range all {
		at := placed{place{in.Order.rank(&all[i], now), all[i].ID}, i}
		if in.wants(&all[i]) && (in.Cursor == "" || behind.before(at.place)) {
			wanted = append(wanted, at)
		}
	}
	slices.SortFunc(wanted, func(a, b placed) int { return a.compare(b.place) })
	out := &subscriptionsTold{}
	if len(wanted) > in.Limit {
		wanted = wanted[:in.Limit]
		out.Body.Next = wanted[in.Limit-1].cursor()
	}
	out.Body.Subscriptions = shown(wanted, func(p placed) Subscription { return newSubscription(all[p.index]) })
	return out, nil
}

type subscriptionTold struct{ Body Subscription }

// maxHeld is how many held deliveries of a subscription are counted.
const maxHeld = 1000

func (s *Server) showSubscription(ctx context.Context, in *IDAsked) (*subscriptionTold, error) {
	sub, ok := s.services.Subscriptions.Find(in.ID)
	if !ok {
		return nil, noSubscription(in.ID)
	}
	held, _, err := s.services.History.Jobs(ctx, jobs.JobFilter{
		Page: jobs.Page{Limit: maxHeld}, Subscription: sub.ID, Status: []jobs.JobStatus{jobs.JobHeld},
	})
	if err != nil {
		return nil, err
	}
	shown := newSubscription(sub)
	shown.Held = new(len(held))
	return &subscriptionTold{shown}, nil
}

func noSubscription(id string) error {
	return newProblem(http.StatusNotFound, "not_found", fmt.Sprintf("there is no subscription %q; GET %s/subscriptions lists those there are", clip(id), nativePrefix))
}

type subscriptionNoted struct {
	IDAsked
	Noted
}

func (s *Server) enableSubscription(ctx context.Context, in *subscriptionNoted) (*subscriptionTold, error) {
	act := in.act(ctx)
	return tellSubscription(s.services.Subscriptions.Enable(ctx, in.ID, act.By, act.Note))
}

func (s *Server) disableSubscription(ctx context.Context, in *subscriptionNoted) (*subscriptionTold, error) {
	act := in.act(ctx)
	return tellSubscription(s.services.Subscriptions.Disable(ctx, in.ID, act.By, act.Note))
}

func tellSubscription(sub subscription.Subscription, refusal *subscription.Refusal) (*subscriptionTold, error) {
	if refusal != nil {
		return nil, refusal
	}
	return &subscriptionTold{newSubscription(sub)}, nil
}

func (s *Server) deleteSubscription(ctx context.Context, in *IDAsked) (*struct{}, error) {
	if refusal := s.services.Subscriptions.Remove(ctx, in.ID, callerOf(ctx).Name); refusal != nil {
		return nil, refusal
	}
	return nil, nil //nolint:nilnil // there is nothing to tell
}

func (s *Server) verifySubscription(ctx context.Context, in *IDAsked) (*subscriptionTold, error) {
	out, err := s.forOwner(ctx, in.ID, func(id string) subscription.Operation { return subscription.Verify{ID: id} })
	if err != nil {
		return nil, err
	}
	return &subscriptionTold{newSubscription(out.Subscriptions[0])}, nil
}

type replayOrdered struct {
	IDAsked

	Body *struct {
		From time.Time `json:"from,omitzero" doc:"Made at this time or later"`
		To   time.Time `json:"to,omitzero" doc:"Made before this time"`
	}
}

type replayedTold struct {
	Body struct {
		Queued int `json:"queued" doc:"Deliveries that are on their way again"`
	}
}

func (s *Server) replaySubscription(ctx context.Context, in *replayOrdered) (*replayedTold, error) {
	var from, to string
	if in.Body != nil {
		from, to = written(in.Body.From), written(in.Body.To)
	}
	out, err := s.forOwner(ctx, in.ID, func(id string) subscription.Operation { return subscription.Replay{ID: id, From: from, To: to} })
	if err != nil {
		return nil, err
	}
	told := &replayedTold{}
	told.Body.Queued = out.Queued
	return told, nil
}

// written gives a time as operations have it; nothing for none.
func written(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// forOwner carries out what the owner of a subscription could ask for by its
// dialect.
func (s *Server) forOwner(ctx context.Context, id string, op func(external string) subscription.Operation) (subscription.Outcome, error) {
	sub, ok := s.services.Subscriptions.Find(id)
	if !ok {
		return subscription.Outcome{}, noSubscription(id)
	}
	who := callerOf(ctx)
	out := s.services.Subscriptions.Do(ctx, subscription.Caller{
		Dialect: sub.Dialect, Owner: sub.Owner, Name: who.Name, Credential: who.Credential, All: true,
	}, op(sub.External))
	if out.Refusal != nil {
		return out, out.Refusal
	}
	return out, nil
}

// refusalStatus are the statuses of refusals.
var refusalStatus = map[subscription.Code]int{
	subscription.NotFound: http.StatusNotFound, subscription.Exists: http.StatusConflict,
	subscription.Unconfirmed: http.StatusConflict, subscription.TooMany: http.StatusConflict,
	subscription.Busy: http.StatusTooManyRequests, subscription.NoRoom: http.StatusInsufficientStorage,
	subscription.Failed: http.StatusInternalServerError,
}

// subscriptionProblem tells of a refusal of the service of subscriptions.
func subscriptionProblem(err error) *Problem {
	refusal, ok := errors.AsType[*subscription.Refusal](err)
	if !ok {
		return nil
	}
	status, known := refusalStatus[refusal.Code]
	if !known {
		status = http.StatusUnprocessableEntity
	}
	p := newProblem(status, string(refusal.Code), refusal.Message)
	if status == http.StatusTooManyRequests {
		p = p.with("Retry-After", "1")
	}
	return p
}
