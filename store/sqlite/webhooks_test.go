package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/jobs"
	"hooktree/webhooks"
)

func aWebhook(kapp, name, hash string) webhooks.Record {
	return webhooks.Record{
		Kapp: kapp, Name: name, Source: []byte(`{"name":"` + name + `"}`), Hash: hash, Author: "author@example.com",
		Updated: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := openAt(t, filepath.Join(t.TempDir(), "hooktree.db"))
	w := s.Webhooks()

	tell, other := aWebhook("", "Tell", "1"), aWebhook("services", "Tell", "1")
	for _, r := range []webhooks.Record{other, tell} {
		if err := w.CreateWebhook(ctx, r); err != nil {
			t.Fatalf("CreateWebhook(%s/%s) = %v", r.Kapp, r.Name, err)
		}
	}
	renamed := aWebhook("", "Told", "2")
	for _, step := range []struct {
		what string
		err  error
		want error
	}{
		{"a name that is taken", w.CreateWebhook(ctx, tell), webhooks.ErrExists},
		{"a version that was not read", w.ReplaceWebhook(ctx, "Tell", "9", renamed), webhooks.ErrStale},
		{"a webhook that is not there", w.ReplaceWebhook(ctx, "Nobody", "1", renamed), webhooks.ErrNotFound},
		{"another name", w.ReplaceWebhook(ctx, "Tell", "1", renamed), nil},
		{"the old name", w.DeleteWebhook(ctx, tell), webhooks.ErrNotFound},
		{"an old version", w.DeleteWebhook(ctx, aWebhook("", "Told", "1")), webhooks.ErrStale},
	} {
		if !errors.Is(step.err, step.want) {
			t.Errorf("%s = %v; want %v", step.what, step.err, step.want)
		}
	}
	got, err := w.Webhooks(ctx)
	if diff := cmp.Diff([]webhooks.Record{renamed, other}, got); diff != "" || err != nil {
		t.Errorf("Webhooks = %v, differ (-want +got):\n%s", err, diff)
	}
	if err := w.DeleteWebhook(ctx, renamed); err != nil {
		t.Errorf("DeleteWebhook = %v", err)
	}
	audits, _, err := s.Audits(ctx, jobs.Page{})
	var did []string
	for _, a := range audits {
		did = append(did, a.Did)
	}
	if diff := cmp.Diff([]string{"webhook.delete", "webhook.update", "webhook.create", "webhook.create"}, did); diff != "" || err != nil {
		t.Errorf("Audits = %v, differ (-want +got):\n%s", err, diff)
	}
}
