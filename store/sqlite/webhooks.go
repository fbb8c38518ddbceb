package sqlite

import (
	"context"
	"errors"

	"hooktree/jobs"
	"hooktree/webhooks"
)

// Webhooks keeps the webhooks made by the API in the store's file.
type Webhooks struct{ store *Store }

var _ webhooks.Store = Webhooks{}

// Webhooks gives the store's side of webhooks.
func (s *Store) Webhooks() Webhooks { return Webhooks{s} }

func scanWebhook(row scanner) (webhooks.Record, error) {
	var r webhooks.Record
	var updated int64
	err := row.Scan(&r.Kapp, &r.Name, &r.Dialect, &r.Source, &r.Hash, &r.Author, &updated)
	r.Updated = moment(updated)
	return r, err
}

// Webhooks lists all, by kapp and name.
func (w Webhooks) Webhooks(ctx context.Context) ([]webhooks.Record, error) {
	return list(ctx, w.store, scanWebhook, `select kapp, name, dialect, source, hash, author, updated from webhooks order by kapp, name`)
}

// CreateWebhook keeps a new one.
func (w Webhooks) CreateWebhook(ctx context.Context, r webhooks.Record) error {
	return w.store.writer.insist(ctx, func(t *tx) error {
		taken, err := t.exists(`select 1 from webhooks where kapp = ? and name = ?`, r.Kapp, r.Name)
		if err != nil {
			return err
		}
		if taken {
			return refusal{webhooks.ErrExists}
		}
		return t.saveWebhook(r, "webhook.create")
	})
}

// ReplaceWebhook keeps another version of one.
func (w Webhooks) ReplaceWebhook(ctx context.Context, name, hash string, r webhooks.Record) error {
	return w.store.writer.insist(ctx, func(t *tx) error {
		if err := t.expectWebhook(r.Kapp, name, hash); err != nil {
			return err
		}
		if name != r.Name {
			taken, err := t.exists(`select 1 from webhooks where kapp = ? and name = ?`, r.Kapp, r.Name)
			if err != nil {
				return err
			}
			if taken {
				return refusal{webhooks.ErrExists}
			}
			if err := t.exec(`delete from webhooks where kapp = ? and name = ?`, r.Kapp, name); err != nil {
				return err
			}
		}
		return t.saveWebhook(r, "webhook.update")
	})
}

// DeleteWebhook removes one.
func (w Webhooks) DeleteWebhook(ctx context.Context, r webhooks.Record) error {
	return w.store.writer.insist(ctx, func(t *tx) error {
		if err := t.expectWebhook(r.Kapp, r.Name, r.Hash); err != nil {
			return err
		}
		if err := t.exec(`delete from webhooks where kapp = ? and name = ?`, r.Kapp, r.Name); err != nil {
			return err
		}
		return t.addAudit(webhookAudit(r, "webhook.delete"))
	})
}

// expectWebhook refuses a change of a webhook that is not as it was read.
func (t *tx) expectWebhook(kapp, name, hash string) error {
	var held string
	err := t.row(`select hash from webhooks where kapp = ? and name = ?`, []any{kapp, name}, &held)
	switch {
	case errors.Is(err, errNoRow):
		return refusal{webhooks.ErrNotFound}
	case err != nil:
		return err
	case held != hash:
		return refusal{webhooks.ErrStale}
	}
	return nil
}

func (t *tx) saveWebhook(r webhooks.Record, did string) error {
	if err := t.exec(`insert or replace into webhooks (kapp, name, dialect, source, hash, author, updated) values (?, ?, ?, ?, ?, ?, ?)`,
		r.Kapp, r.Name, r.Dialect, r.Source, r.Hash, r.Author, r.Updated); err != nil {
		return err
	}
	return t.addAudit(webhookAudit(r, did))
}

func webhookAudit(r webhooks.Record, did string) *jobs.Audit {
	what := r.Name
	if r.Kapp != "" {
		what = r.Kapp + " / " + r.Name
	}
	return &jobs.Audit{At: r.Updated, Who: r.Author, Did: did, What: what, Detail: map[string]any{"hash": r.Hash}}
}
