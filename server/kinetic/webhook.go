package kinetic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"hooktree/jobs"
	"hooktree/server"
	"hooktree/webhooks"
	dialect "hooktree/webhooks/kinetic"
)

// webhook is a webhook as the API shows it.
type webhook struct {
	dialect.Definition
	*stamped
}

// newWebhook shows a webhook. Its author is not told by the registry, and the
// time of its making is that of its latest version.
func newWebhook(w webhooks.Webhook, req *request) (webhook, error) {
	d, err := dialect.Render(w)
	if err != nil {
		return webhook{}, err
	}
	shown := webhook{Definition: d}
	if req.includes["details"] {
		shown.stamped = &stamped{CreatedAt: stamp{w.Updated}, UpdatedAt: stamp{w.Updated}}
	}
	return shown, nil
}

// scoped lists the webhooks of the request's scope: the space, or a kapp.
func (a *api) scoped(ctx context.Context, req *request) ([]webhooks.Webhook, error) {
	all, err := a.services.Webhooks.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the webhooks: %w", err)
	}
	var list []webhooks.Webhook
	for _, w := range all {
		if w.Kapp == req.Params["kapp"] {
			list = append(list, w)
		}
	}
	return list, nil
}

func (a *api) listWebhooks(ctx context.Context, req *request) (any, error) {
	list, err := a.scoped(ctx, req)
	if err != nil {
		return nil, err
	}
	shown := []webhook{}
	for _, w := range list {
		one, err := newWebhook(w, req)
		if err != nil {
			return nil, err
		}
		shown = append(shown, one)
	}
	return map[string]any{"webhooks": shown}, nil
}

// findWebhook gives the webhook that the request names.
func (a *api) findWebhook(ctx context.Context, req *request) (webhooks.Webhook, error) {
	list, err := a.scoped(ctx, req)
	if err != nil {
		return webhooks.Webhook{}, err
	}
	name := req.Params["name"]
	i := slices.IndexFunc(list, func(w webhooks.Webhook) bool { return w.Name == name })
	if i < 0 {
		return webhooks.Webhook{}, missing("there is no webhook %q in %s", clip(name), placeOf(req))
	}
	return list[i], nil
}

func placeOf(req *request) string {
	if kapp := req.Params["kapp"]; kapp != "" {
		return "the kapp " + clip(kapp)
	}
	return "the space"
}

func tellWebhook(w webhooks.Webhook, req *request) (any, error) {
	shown, err := newWebhook(w, req)
	if err != nil {
		return nil, err
	}
	return map[string]any{"webhook": shown}, nil
}

func (a *api) showWebhook(ctx context.Context, req *request) (any, error) {
	w, err := a.findWebhook(ctx, req)
	if err != nil {
		return nil, err
	}
	return tellWebhook(w, req)
}

func (a *api) createWebhook(ctx context.Context, req *request) (any, error) {
	var sent struct {
		Name string `json:"name"`
	}
	if err := req.json(&sent); err != nil {
		return nil, err
	}
	list, err := a.scoped(ctx, req)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(list, func(w webhooks.Webhook) bool { return w.Name == sent.Name }) {
		return nil, taken(sent.Name, req)
	}
	w, err := a.services.Webhooks.PutKinetic(ctx, server.WebhookEdit{
		Name: sent.Name, Kapp: req.Params["kapp"], Definition: req.Body, By: req.by(),
	})
	if err != nil {
		return nil, fmt.Errorf("make a webhook: %w", err)
	}
	return tellWebhook(w, req)
}

func taken(name string, req *request) error {
	return fail(http.StatusBadRequest, keyTaken, "there is a webhook %q in %s already; change it by PUT, or choose another name", clip(name), placeOf(req))
}

// editable finds a webhook that the API may change in the vendor's form.
func (a *api) editable(ctx context.Context, req *request) (webhooks.Webhook, error) {
	w, err := a.findWebhook(ctx, req)
	if err == nil && w.Origin == "file" {
		err = unsupported("the webhook %q stands in %s of the space; change it there", clip(w.Name), webhooks.File)
	}
	return w, err
}

func (a *api) updateWebhook(ctx context.Context, req *request) (any, error) {
	w, err := a.editable(ctx, req)
	if err != nil {
		return nil, err
	}
	if w.Dialect != dialect.Dialect {
		return nil, unsupported("the webhook %q is written in hooktree's own form; change it through hooktree's own API", clip(w.Name))
	}
	definition, name, err := merged(w, req)
	if err != nil {
		return nil, err
	}
	changed, err := a.services.Webhooks.PutKinetic(ctx, server.WebhookEdit{
		Name: w.Name, Kapp: w.Kapp, Definition: definition, Was: w.Hash, By: req.by(),
	})
	if errors.Is(err, webhooks.ErrExists) || errors.Is(err, jobs.ErrStale) && name != w.Name {
		return nil, taken(name, req)
	}
	if err != nil {
		return nil, fmt.Errorf("change the webhook %s: %w", w.Name, err)
	}
	return tellWebhook(changed, req)
}

// merged lays the members that were sent over the definition as it was
// written, and gives the name that comes of it.
func merged(w webhooks.Webhook, req *request) (definition []byte, name string, err error) {
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(w.Source), &members); err != nil {
		return nil, "", fmt.Errorf("read the webhook %s: %w", w.Name, err)
	}
	var sent map[string]json.RawMessage
	if err := req.json(&sent); err != nil {
		return nil, "", err
	}
	maps.Copy(members, sent)
	if definition, err = json.Marshal(members); err != nil {
		return nil, "", fmt.Errorf("write the webhook %s: %w", w.Name, err)
	}
	var named struct {
		Name string `json:"name"`
	}
	return definition, named.Name, readJSON(definition, &named)
}

func (a *api) deleteWebhook(ctx context.Context, req *request) (any, error) {
	w, err := a.editable(ctx, req)
	if err != nil {
		return nil, err
	}
	err = a.services.Webhooks.Delete(ctx, server.WebhookEdit{Name: w.Name, Kapp: w.Kapp, Was: w.Hash, By: req.by()})
	if err != nil {
		return nil, fmt.Errorf("delete the webhook %s: %w", w.Name, err)
	}
	return tellWebhook(w, req)
}
