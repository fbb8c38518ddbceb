package registration

import (
	"context"
	"net/http"
	"net/url"
)

// keap speaks to /hooks. A new subscription is confirmed by our own source,
// which echoes the secret that the platform sends it.
type keap struct{ *api }

type keapHook struct {
	Key    string `json:"key,omitempty"`
	Event  string `json:"eventKey"`
	URL    string `json:"hookUrl"`
	Status string `json:"status,omitempty"`
}

func (h keapHook) hook() Hook {
	return Hook{ID: h.Key, Event: h.Event, URL: h.URL, Active: h.Status == "Verified"}
}

func (k keap) list(ctx context.Context) ([]Hook, error) {
	got, err := k.call(ctx, http.MethodGet, "/hooks", nil)
	if err != nil {
		return nil, err
	}
	var all []keapHook
	if err := got.into(&all); err != nil {
		return nil, err
	}
	hooks := make([]Hook, len(all))
	for i, h := range all {
		hooks[i] = h.hook()
	}
	return hooks, nil
}

func (k keap) create(ctx context.Context, w Wanted) (Hook, error) {
	got, err := k.call(ctx, http.MethodPost, "/hooks", keapHook{Event: w.Event, URL: w.URL})
	if err != nil {
		return Hook{}, err
	}
	var made keapHook
	err = got.into(&made)
	return made.hook(), err
}

// renew asks the platform to verify our address once more.
func (k keap) renew(ctx context.Context, h Hook) error {
	_, err := k.call(ctx, http.MethodPost, "/hooks/"+url.PathEscape(h.ID)+"/verify", struct{}{})
	return err
}

func (k keap) remove(ctx context.Context, h Hook) error {
	_, err := k.call(ctx, http.MethodDelete, "/hooks/"+url.PathEscape(h.ID), nil)
	return err
}
