package registration

import (
	"context"
	"net/http"
	"net/url"
)

// accelo speaks to /webhooks/subscriptions. A subscription there exists or was
// deleted; there is nothing to renew.
type accelo struct{ *api }

type acceloHook struct {
	ID    string `json:"subscription_id"`
	Event string `json:"event_id"`
	URL   string `json:"trigger_url"`
}

func (h acceloHook) hook() Hook { return Hook{ID: h.ID, Event: h.Event, URL: h.URL, Active: true} }

func (a accelo) list(ctx context.Context) ([]Hook, error) {
	got, err := a.call(ctx, http.MethodGet, "/webhooks/subscriptions", nil)
	if err != nil {
		return nil, err
	}
	var list struct {
		Response struct {
			Subscriptions []acceloHook `json:"subscriptions"`
		} `json:"response"`
	}
	if err := got.into(&list); err != nil {
		return nil, err
	}
	hooks := make([]Hook, len(list.Response.Subscriptions))
	for i, h := range list.Response.Subscriptions {
		hooks[i] = h.hook()
	}
	return hooks, nil
}

func (a accelo) create(ctx context.Context, w Wanted) (Hook, error) {
	form := url.Values{"trigger_url": {w.URL}, "event_id": {w.Event}, "content_type": {"application/json"}}
	if a.secret != "" {
		form.Set("secret", a.secret)
	}
	got, err := a.call(ctx, http.MethodPost, "/webhooks/subscriptions", form)
	if err != nil {
		return Hook{}, err
	}
	var made struct {
		Response struct {
			Subscription acceloHook `json:"subscription"`
		} `json:"response"`
	}
	err = got.into(&made)
	return made.Response.Subscription.hook(), err
}

// renew is never asked for: what is listed is active.
func (accelo) renew(context.Context, Hook) error { return nil }

func (a accelo) remove(ctx context.Context, h Hook) error {
	_, err := a.call(ctx, http.MethodDelete, "/webhooks/subscriptions/"+url.PathEscape(h.ID), nil)
	return err
}
