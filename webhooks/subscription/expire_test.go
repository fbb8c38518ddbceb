package subscription_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

func TestExpire_stops_what_is_over_and_tells(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	d := draft("baked", hookURL+"?token=Unguessable")
	d.Expires = new(noon.Add(time.Hour))
	sub := h.made(t, who, d)
	h.made(t, who, draft("sold", hookURL))
	h.Expire(t.Context())
	if now, _ := h.Find(sub.ID); now.Status != subscription.Active || len(h.published) != 0 {
		t.Fatalf("before its time it is %+v", now)
	}
	h.pass(time.Hour)
	h.shelf.fault(errFull)
	h.Expire(t.Context())
	if now, _ := h.Find(sub.ID); now.Status != subscription.Active || len(h.published) != 0 {
		t.Errorf("not saved it is %+v", now)
	}
	h.shelf.fault(nil)
	h.broken = errFull
	h.Expire(t.Context())
	if now, _ := h.Find(sub.ID); now.Status != subscription.Disabled || len(h.published) != 1 {
		t.Errorf("not told it is %+v", now)
	}
	h.published, h.broken = nil, nil
	h.pass(time.Hour)
	h.Expire(t.Context())
	h.Expire(t.Context())
	now, _ := h.Find(sub.ID)
	if now.Status != subscription.Disabled || now.Reason != "it expired at 2026-04-08T13:00:00Z" || h.shelf.get(sub.ID).Status != subscription.Disabled {
		t.Errorf("after its time it is %+v", now)
	}
	if len(h.published) != 1 {
		t.Fatalf("%d notices were published; want one", len(h.published))
	}
	notice := h.published[0]
	if !notice.Occurred.Equal(noon.Add(time.Hour)) {
		t.Errorf("the notice is of %s; want when it was disabled", notice.Occurred)
	}
	data, _ := notice.Data["data"].(map[string]any)
	if notice.Action != event.SubscriptionDisabled || data["id"] != sub.ID || data["reason"] != now.Reason || data["status"] != "disabled" ||
		strings.Contains(string(notice.Body), sub.Secrets[0].Value) || strings.Contains(string(notice.Body), "Unguessable") {
		t.Errorf("the notice is %s", notice.Body)
	}
	for _, all := range h.All() {
		if all.Event == "sold" && all.Status != subscription.Active {
			t.Errorf("one without an end is %+v", all)
		}
	}
}

func TestExpired_is_enabled_with_another_end_only(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	d := draft("baked", hookURL)
	d.Expires = new(noon.Add(time.Hour))
	sub := h.made(t, who, d)
	h.pass(2 * time.Hour)
	h.Expire(t.Context())
	if _, r := h.Enable(t.Context(), sub.ID, "admin", ""); r == nil || r.Field != "expires" {
		t.Errorf("enabled by an operator: %+v", r)
	}
	again := subscription.Change{ID: "1", Draft: subscription.Draft{Status: subscription.Active}}
	if r := h.Do(t.Context(), who, again).Refusal; r == nil || r.Field != "expires" {
		t.Errorf("enabled by its owner: %+v", r)
	}
	again.Draft.Expires = new(noon.Add(3 * time.Hour))
	if now := only(t, h.Do(t.Context(), who, again)); now.Status != subscription.Active {
		t.Errorf("with another end it is %+v", now)
	}
	h.pass(time.Hour)
	never := subscription.Change{ID: "1", Draft: subscription.Draft{Expires: new(time.Time{})}}
	if now := only(t, h.Do(t.Context(), who, never)); !now.Expires.IsZero() || now.Status != subscription.Active {
		t.Errorf("without an end it is %+v", now)
	}
}

func TestRun_looks_every_minute(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		h := open(t, echo)
		d := draft("baked", hookURL)
		d.Expires = new(noon.Add(time.Hour))
		sub := h.made(t, of("plain", anna), d)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { h.Run(ctx); close(done) }()
		synctest.Wait()
		h.pass(time.Hour)
		<-time.After(time.Minute)
		synctest.Wait()
		if now, _ := h.Find(sub.ID); now.Status != subscription.Disabled {
			t.Errorf("a minute later it is %+v", now)
		}
		stop()
		<-done
	})
}
