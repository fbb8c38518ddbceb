package registration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// actionstep speaks to /rest/resthooks.
type actionstep struct{ *api }

// actionstepHook is a subscription; ids are numbers or texts.
type actionstepHook struct {
	ID        any    `json:"id,omitempty"`
	EventName string `json:"eventName"`
	TargetURL string `json:"targetUrl"`
	Status    string `json:"status,omitempty"`
}

// many is a list, of which the vendor writes a single item without the list.
type many []actionstepHook

// UnmarshalJSON reads both.
func (m *many) UnmarshalJSON(text []byte) error {
	if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && trimmed[0] == '{' {
		var one actionstepHook
		if err := numbered(trimmed, &one); err != nil {
			return err
		}
		*m = many{one}
		return nil
	}
	var all []actionstepHook
	err := numbered(text, &all)
	*m = all
	return err
}

// numbered keeps numbers as they are written.
func numbered(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

type actionstepPage struct {
	Hooks many `json:"resthooks"`
	Meta  struct {
		Paging map[string]struct {
			PageCount int `json:"pageCount"`
		} `json:"paging"`
	} `json:"meta"`
}

// maxPages bounds how much of a list is read.
const maxPages = 50

func (a actionstep) list(ctx context.Context) ([]Hook, error) {
	var hooks []Hook
	for page := 1; page <= maxPages; page++ {
		got, err := a.call(ctx, http.MethodGet, fmt.Sprintf("/resthooks?page=%d&pageSize=200", page), nil)
		if err != nil {
			return nil, err
		}
		if got.status == http.StatusNoContent || len(got.body) == 0 {
			break // there are none
		}
		var list actionstepPage
		if err := got.into(&list); err != nil {
			return nil, err
		}
		for _, h := range list.Hooks {
			if h.Status == "Deleted" {
				continue
			}
			hooks = append(hooks, Hook{ID: fmt.Sprint(h.ID), Event: h.EventName, URL: h.TargetURL, Active: h.Status == "Active"})
		}
		if page >= list.Meta.Paging["resthooks"].PageCount {
			break
		}
	}
	return hooks, nil
}

func (a actionstep) create(ctx context.Context, w Wanted) (Hook, error) {
	body := map[string]actionstepHook{"resthooks": {EventName: w.Event, TargetURL: w.URL}}
	got, err := a.call(ctx, http.MethodPost, "/resthooks", body)
	if err != nil {
		return Hook{}, err
	}
	var made actionstepPage
	if err := got.into(&made); err != nil || len(made.Hooks) == 0 {
		return Hook{}, fmt.Errorf("the answer to a new subscription names none: %s", a.shown(got.body))
	}
	h := made.Hooks[0]
	return Hook{ID: fmt.Sprint(h.ID), Event: h.EventName, URL: h.TargetURL, Active: h.Status == "" || h.Status == "Active"}, nil
}

// renew enables a disabled one again. That PUT with a status does so is
// inferred from a client.
func (a actionstep) renew(ctx context.Context, h Hook) error {
	body := map[string]actionstepHook{"resthooks": {EventName: h.Event, TargetURL: h.URL, Status: "Active"}}
	_, err := a.call(ctx, http.MethodPut, "/resthooks/"+url.PathEscape(h.ID), body)
	return err
}

func (a actionstep) remove(ctx context.Context, h Hook) error {
	_, err := a.call(ctx, http.MethodDelete, "/resthooks/"+url.PathEscape(strings.TrimSpace(h.ID)), nil)
	return err
}
