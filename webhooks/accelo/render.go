package accelo

import (
	"net/http"
	"strconv"
	"time"

	"hooktree/webhooks/subscription"
)

// Render answers a request: in the vendor's envelope, in the format that the
// path or a header asks for, less what its parameters suppress.
func (p protocol) Render(r subscription.Request, o subscription.Outcome) subscription.Response {
	c, _ := newCall(r) // what could not be read is the outcome's refusal
	s := statusOf(o)
	code := s.http
	meta := map[string]any{"status": s.word}
	if !c.flag("_suppress_message") {
		meta["message"], meta["more_info"] = s.text, s.moreInfo()
	}
	if c.flag("_suppress_http_status") {
		meta["response_code"], code = int64(code), http.StatusOK
	}
	envelope := map[string]any{"meta": meta, "response": p.content(c, o)}
	if c.flag("_suppress_meta") {
		delete(envelope, "meta")
	}
	body, kind := write(c.format, envelope)
	header := http.Header{"Content-Type": {kind}, "X-Status-Reason": {s.word}}
	if o.Refusal != nil && o.Refusal.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int((o.Refusal.RetryAfter+time.Second-1)/time.Second)))
	}
	return subscription.Response{Status: code, Header: header, Body: body}
}

// content is what stands under `response`; nothing where there is no resource
// to return.
func (p protocol) content(c call, o subscription.Outcome) any {
	if o.Refusal != nil {
		return nil
	}
	switch o.Operation.(type) {
	case subscription.Types:
		return map[string]any{"types": types(o.Offers)}
	case subscription.Create:
		if len(o.Subscriptions) == 0 {
			return nil
		}
		made := p.resourceOf(&o.Subscriptions[0])
		made["user"] = userOf(o.Subscriptions[0].Owner)
		return map[string]any{"subscription": made}
	case subscription.List:
		return p.list(c.fields(), o.Subscriptions)
	case subscription.Dispatch:
		return map[string]any{"status": int64(o.Answer)}
	}
	return nil
}

func (p protocol) list(f fields, all []subscription.Subscription) map[string]any {
	subscriptions, users := make([]any, 0, len(all)), []any{}
	seen := map[subscription.Owner]bool{}
	for i := range all {
		owner := all[i].Owner
		user := userOf(owner)
		subscriptions = append(subscriptions, f.of(p.resourceOf(&all[i]), map[string]link{"user": {owner.ID, user}}))
		if !seen[owner] {
			seen[owner] = true
			users = append(users, user)
		}
	}
	return map[string]any{"subscriptions": subscriptions, "subscriptions_users": users}
}

// resourceOf is a subscription as the vendor shows it; its secret never is.
func (p protocol) resourceOf(s *subscription.Subscription) map[string]any {
	o := occasionOf(s.Event)
	kind := s.ContentType
	if kind == "" {
		kind = typeForm
	}
	return map[string]any{
		"subscription_id": s.External, "event_id": s.Event, "trigger_table": o.table, "trigger_type": o.change,
		"trigger_url": s.URL, "content_type": kind, "user_id": s.Owner.ID, "user_deployment": p.deployment,
	}
}

func userOf(o subscription.Owner) map[string]any {
	return map[string]any{"id": o.ID, "name": o.Name, "email": o.Email}
}

func types(offers []subscription.Offer) []any {
	list := make([]any, len(offers))
	for i, offer := range offers {
		o := occasionOf(offer.Key)
		list[i] = map[string]any{
			"event_id": offer.Key, "event_title": offer.Title, "trigger_table": o.table, "trigger_type": o.change,
		}
	}
	return list
}
