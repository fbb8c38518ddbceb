package main

import (
	"context"
	"errors"
	"fmt"

	"hooktree/jobs"
	"hooktree/server"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/kinetic"
)

// registry is how the APIs change webhooks.
type registry struct{ rules *rules }

// List gives all active webhooks.
func (g registry) List(context.Context) ([]webhooks.Webhook, error) {
	all := g.rules.active.Load().Webhooks.All()
	list := make([]webhooks.Webhook, len(all))
	for i, w := range all {
		list[i] = *w
	}
	return list, nil
}

// Put makes or changes a webhook from its definition in our own form.
func (g registry) Put(ctx context.Context, edit server.WebhookEdit) (webhooks.Webhook, error) {
	active := g.rules.active.Load()
	w, faults := webhooks.Reader{Catalogue: active.Catalogue, Space: active.Trees.Space()}.Read(edit.Definition)
	if fatal := faults.Fatal(); len(fatal) > 0 {
		return webhooks.Webhook{}, fatal
	}
	w.Kapp = edit.Kapp
	return g.keep(ctx, edit, w, "")
}

// PutKinetic makes or changes a webhook from the vendor's definition.
func (g registry) PutKinetic(ctx context.Context, edit server.WebhookEdit) (webhooks.Webhook, error) {
	active := g.rules.active.Load()
	translator := kinetic.Translator{Catalogue: active.Catalogue, Secret: accessKeySecret(active.Trees.Space())}
	w, err := translator.Webhook(edit.Definition, edit.Kapp)
	if err != nil {
		return webhooks.Webhook{}, err
	}
	return g.keep(ctx, edit, w, kinetic.Dialect)
}

// keep saves a compiled webhook and takes it up.
func (g registry) keep(ctx context.Context, edit server.WebhookEdit, w webhooks.Webhook, dialect string) (webhooks.Webhook, error) {
	r := g.rules
	r.mu.Lock()
	defer r.mu.Unlock()
	w.Updated, w.Origin = r.now(), "api"
	record := webhooks.Record{
		Kapp: w.Kapp, Name: w.Name, Dialect: dialect, Source: edit.Definition, Hash: w.Hash, Author: edit.By, Updated: w.Updated,
	}
	old, err := r.expectLocked(edit)
	if err != nil {
		return webhooks.Webhook{}, err
	}
	if old == nil {
		if len(r.records) >= webhooks.MaxWebhooks {
			return webhooks.Webhook{}, fmt.Errorf("%w: a space may have %d webhooks", jobs.ErrInvalid, webhooks.MaxWebhooks)
		}
		err = r.store.CreateWebhook(ctx, record)
	} else {
		err = r.store.ReplaceWebhook(ctx, old.Name, old.Hash, record)
	}
	if err != nil {
		return webhooks.Webhook{}, changeError(err)
	}
	return w, r.reloadLocked(ctx)
}

// Delete removes a webhook that the API made.
func (g registry) Delete(ctx context.Context, edit server.WebhookEdit) error {
	r := g.rules
	r.mu.Lock()
	defer r.mu.Unlock()
	old, err := r.expectLocked(edit)
	if err != nil {
		return err
	}
	if old == nil {
		return jobs.ErrNotFound
	}
	gone := webhooks.Record{Kapp: old.Kapp, Name: old.Name, Hash: old.Hash, Author: edit.By, Updated: r.now()}
	if err := r.store.DeleteWebhook(ctx, gone); err != nil {
		return changeError(err)
	}
	return r.reloadLocked(ctx)
}

// expectLocked finds the webhook that an edit is about, if it still is what
// its author read; nil for a new one.
func (r *rules) expectLocked(edit server.WebhookEdit) (*webhooks.Webhook, error) {
	old, known := r.active.Load().Webhooks.Find(edit.Kapp, edit.Name)
	switch {
	case known && old.Origin == "file":
		return nil, fmt.Errorf("%w: %w", jobs.ErrInvalid, errInFile)
	case !known && edit.Was == "":
		return nil, nil //nolint:nilnil // a new one
	case !known:
		return nil, jobs.ErrNotFound
	case old.Hash != edit.Was:
		return nil, jobs.ErrStale
	}
	return old, nil
}

// reloadLocked reads the kept webhooks again and takes them up.
func (r *rules) reloadLocked(ctx context.Context) error {
	records, err := r.store.Webhooks(ctx)
	if err != nil {
		return fmt.Errorf("load the webhooks: %w", err)
	}
	r.records = records
	r.refreshLocked()
	return nil
}

// changeError turns a store's answer into the one that the APIs know.
func changeError(err error) error {
	switch {
	case errors.Is(err, webhooks.ErrNotFound), errors.Is(err, trees.ErrNotFound):
		return fmt.Errorf("%w: %w", jobs.ErrNotFound, err)
	case errors.Is(err, webhooks.ErrStale), errors.Is(err, webhooks.ErrExists), errors.Is(err, trees.ErrConflict):
		return fmt.Errorf("%w: %w", jobs.ErrStale, err)
	default:
		return err
	}
}
