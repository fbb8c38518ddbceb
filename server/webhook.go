package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"hooktree/webhooks"
)

// Webhook is an explicit webhook, as the API shows it.
type Webhook struct {
	Name       string          `json:"name"`
	Kapp       string          `json:"kapp,omitempty" doc:"Slug, for a kapp's webhook; left out for the space's"`
	Type       string          `json:"type"`
	Action     string          `json:"action"`
	Form       string          `json:"form,omitempty" doc:"Only this form's events"`
	Filter     string          `json:"filter,omitempty"`
	Targets    []WebhookTarget `json:"targets"`
	Inactive   bool            `json:"inactive"`
	Origin     string          `json:"origin" enum:"file,api,convention"`
	Hash       string          `json:"hash" doc:"Of the definition; the ETag"`
	Definition string          `json:"definition,omitempty" doc:"As it was written"`
	UpdatedAt  Time            `json:"updatedAt,omitzero"`
}

// WebhookTarget is where a webhook's firing goes, by templates.
type WebhookTarget struct {
	Tree    *TreeName         `json:"tree,omitempty"`
	URL     string            `json:"url,omitempty"`
	Method  string            `json:"method,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Auth    webhooks.AuthKind `json:"auth,omitempty" enum:"kinetic,hmac,standard,basic,bearer"`
}

func newWebhook(w webhooks.Webhook) Webhook {
	return Webhook{
		Name: w.Name, Kapp: w.Kapp, Type: w.Type, Action: w.Action, Form: w.Form, Filter: text(w.Filter),
		Targets: shown(w.Targets, newWebhookTarget), Inactive: w.Inactive, Origin: w.Origin, Hash: w.Hash,
		Definition: w.Source, UpdatedAt: Time{w.Updated},
	}
}

func newWebhookTarget(t webhooks.Target) WebhookTarget {
	if t.Tree != nil {
		name := TreeName{Source: text(t.Tree.Source), Group: text(t.Tree.Group), Name: text(t.Tree.Name)}
		name.Title = name.Source + " :: " + name.Group + " :: " + name.Name
		return WebhookTarget{Tree: &name}
	}
	if t.URL == nil {
		return WebhookTarget{}
	}
	target := WebhookTarget{URL: text(t.URL.URL), Method: t.URL.Method, Auth: t.URL.Auth.Kind}
	for _, name := range slices.Sorted(maps.Keys(t.URL.Headers)) {
		if target.Headers == nil {
			target.Headers = map[string]string{}
		}
		target.Headers[name] = text(t.URL.Headers[name])
	}
	return target
}

type webhooksAsked struct {
	Kapp   string `query:"kapp" doc:"Slug: only this kapp's"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"Most rows of one page"`
	Cursor string `query:"cursor" maxLength:"500" doc:"The next of the page before"`
}

type webhooksTold struct {
	Body struct {
		Webhooks []Webhook `json:"webhooks"`
		Next     string    `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
	}
}

func (s *Server) listWebhooks(ctx context.Context, in *webhooksAsked) (*webhooksTold, error) {
	all, err := s.services.Webhooks.List(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.Clone(all)
	out := &webhooksTold{}
	out.Body.Webhooks = []Webhook{}
	slices.SortFunc(all, func(a, b webhooks.Webhook) int {
		return cmp.Or(cmp.Compare(a.Kapp, b.Kapp), cmp.Compare(a.Name, b.Name))
	})
	kapp, name, _ := strings.Cut(in.Cursor, "/") // a slug has no slash
	for _, w := range all {
		seen := cmp.Or(cmp.Compare(w.Kapp, kapp), cmp.Compare(w.Name, name)) <= 0
		if seen || in.Kapp != "" && w.Kapp != in.Kapp {
			continue
		}
		if len(out.Body.Webhooks) == in.Limit {
			last := out.Body.Webhooks[in.Limit-1]
			out.Body.Next = last.Kapp + "/" + last.Name
			break
		}
		out.Body.Webhooks = append(out.Body.Webhooks, newWebhook(w))
	}
	return out, nil
}

// WebhookAsked is the path and query of a call about one webhook.
type WebhookAsked struct {
	Name string `path:"name" maxLength:"255" doc:"Percent-encoded"`
	Kapp string `query:"kapp" doc:"Slug, for a kapp's webhook"`
}

type webhookTold struct {
	ETag string `header:"ETag"`
	Body Webhook
}

func tellWebhook(w webhooks.Webhook) *webhookTold {
	return &webhookTold{ETag: etag(w.Hash), Body: newWebhook(w)}
}

// findWebhook gives the webhook of a name; false when there is none.
func (s *Server) findWebhook(ctx context.Context, kapp, name string) (webhooks.Webhook, bool, error) {
	all, err := s.services.Webhooks.List(ctx)
	if err != nil {
		return webhooks.Webhook{}, false, err
	}
	i := slices.IndexFunc(all, func(w webhooks.Webhook) bool { return w.Name == name && w.Kapp == kapp })
	if i < 0 {
		return webhooks.Webhook{}, false, nil
	}
	return all[i], true, nil
}

func (s *Server) showWebhook(ctx context.Context, in *WebhookAsked) (*webhookTold, error) {
	w, ok, err := s.findWebhook(ctx, in.Kapp, in.Name)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, noWebhook(in.Name)
	}
	return tellWebhook(w), nil
}

func noWebhook(name string) error {
	return newProblem(http.StatusNotFound, "not_found", fmt.Sprintf("there is no webhook %q here; GET %s/webhooks lists those there are, and a kapp's need ?kapp=", clip(name), nativePrefix))
}

// WebhookDefined is a definition as an entry of webhooks.yaml has it.
type WebhookDefined struct {
	Body map[string]any `doc:"A definition, in the form of an entry of webhooks.yaml"`
}

type webhookCreated struct {
	WebhookDefined
}

func (s *Server) createWebhook(ctx context.Context, in *webhookCreated) (*webhookTold, error) {
	name, _ := in.Body["name"].(string)
	if name == "" {
		p := newProblem(http.StatusUnprocessableEntity, "invalid", `a webhook needs a name: add "name"`)
		p.Errors = []Detail{{Location: "body/name", Message: "a text is missing here"}}
		return nil, p
	}
	kapp, _ := in.Body["kapp"].(string)
	_, exists, err := s.findWebhook(ctx, kapp, name)
	if err != nil {
		return nil, err
	}
	if exists {
		return nil, newProblem(http.StatusConflict, "exists", fmt.Sprintf("there is a webhook %q already; change it by PUT with If-Match, or choose another name", clip(name)))
	}
	return s.saveWebhook(ctx, WebhookEdit{Name: name, Kapp: kapp}, in.Body)
}

type webhookSent struct {
	WebhookAsked
	Guarded
	WebhookDefined
}

func (s *Server) putWebhook(ctx context.Context, in *webhookSent) (*webhookTold, error) {
	edit, err := s.webhookEdit(ctx, in.WebhookAsked, in.Guarded)
	if err != nil {
		return nil, err
	}
	return s.saveWebhook(ctx, edit, in.Body)
}

func (s *Server) saveWebhook(ctx context.Context, edit WebhookEdit, definition map[string]any) (*webhookTold, error) {
	var err error
	if edit.Definition, err = json.Marshal(definition); err != nil {
		return nil, fmt.Errorf("write the definition of webhook %s: %w", edit.Name, err)
	}
	edit.By = callerOf(ctx).Name
	w, err := s.services.Webhooks.Put(ctx, edit)
	if err != nil {
		return nil, err
	}
	return tellWebhook(w), nil
}

type webhookGone struct {
	WebhookAsked
	Guarded
}

func (s *Server) deleteWebhook(ctx context.Context, in *webhookGone) (*struct{}, error) {
	edit, err := s.webhookEdit(ctx, in.WebhookAsked, in.Guarded)
	if err != nil {
		return nil, err
	}
	if edit.Was == "" {
		return nil, noWebhook(in.Name)
	}
	edit.By = callerOf(ctx).Name
	return nil, s.services.Webhooks.Delete(ctx, edit)
}

func (s *Server) webhookEdit(ctx context.Context, a WebhookAsked, g Guarded) (WebhookEdit, error) {
	w, _, err := s.findWebhook(ctx, a.Kapp, a.Name)
	if err != nil {
		return WebhookEdit{}, err
	}
	return WebhookEdit{Name: a.Name, Kapp: a.Kapp, Was: w.Hash}, g.check(w.Hash)
}
