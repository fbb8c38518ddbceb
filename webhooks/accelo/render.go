package accelo

import (
	"net/http"
	"strconv"
	"strings"
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
		meta["message"], meta["more_info"] = s.text, moreInfo+s.word
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
	fields := newSelection(c.params["_fields"])
	switch o.Operation.(type) {
	case subscription.Types:
		return map[string]any{"types": types(o.Offers)}
	case subscription.Create:
		if len(o.Subscriptions) == 0 {
			return nil
		}
		made := p.resourceOf(&o.Subscriptions[0])
		made["user"] = userOf(o.Subscriptions[0].Owner)
		return map[string]any{"subscription": fields.of(made)}
	case subscription.List:
		return p.list(fields, o.Subscriptions)
	case subscription.Dispatch:
		return map[string]any{"status": int64(o.Answer)}
	}
	return nil
}

func (p protocol) list(fields selection, all []subscription.Subscription) map[string]any {
	subscriptions, users := make([]any, 0, len(all)), []any{}
	seen := map[subscription.Owner]bool{}
	for i := range all {
		resource := p.resourceOf(&all[i])
		if fields.wants("user") {
			resource["user"] = userOf(all[i].Owner)
		}
		subscriptions = append(subscriptions, fields.of(resource))
		if owner := all[i].Owner; !seen[owner] {
			seen[owner] = true
			users = append(users, userOf(owner))
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

// selection is what `_fields` asks for: names, with those inside of a linked
// object in parentheses. The zero value asks for nothing, and gets all.
type selection map[string]selection

// newSelection reads `a,b(c,d),_ALL`. Text that does not fit is passed over,
// as unknown names are.
func newSelection(text string) selection {
	if text == "" {
		return nil
	}
	root := selection{}
	open := []selection{root}
	name := ""
	for _, part := range splitFields(text) {
		top := open[len(open)-1]
		switch part {
		case "(":
			if name != "" && len(open) < maxFieldDepth {
				open = append(open, top[name])
			}
		case ")":
			if len(open) > 1 {
				open = open[:len(open)-1]
			}
		case ",":
		default:
			name = part
			top[name] = selection{}
		}
	}
	return root
}

const maxFieldDepth = 4

func splitFields(text string) []string {
	var parts []string
	rest := text
	for rest != "" {
		at := strings.IndexAny(rest, ",()")
		if at < 0 {
			at = len(rest)
		}
		if word := strings.TrimSpace(rest[:at]); word != "" {
			parts = append(parts, word)
		}
		if at == len(rest) {
			break
		}
		parts = append(parts, rest[at:at+1])
		rest = rest[at+1:]
	}
	return parts
}

func (s selection) wants(name string) bool { return s[name] != nil }

// of leaves of a resource what is asked for; its id always stays.
func (s selection) of(resource map[string]any) map[string]any {
	if len(s) == 0 || s.wants("_ALL") {
		return resource
	}
	kept := map[string]any{}
	for name, value := range resource {
		inner, linked := value.(map[string]any)
		switch {
		case name == "subscription_id" || name == "id":
			kept[name] = value
		case s.wants(name) && linked:
			kept[name] = s[name].of(inner)
		case s.wants(name):
			kept[name] = value
		}
	}
	return kept
}
