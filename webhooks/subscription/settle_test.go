package subscription_test

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/subscription"
)

// settle settles a delivery as a worker does.
func settle(tb testing.TB, h *house, u subscription.Update) {
	tb.Helper()
	err := h.Settle(tb.Context(), u.ID, func(subscription.Endpoint) (*subscription.Update, error) {
		return &u, h.shelf.settle(u)
	})
	if err != nil {
		tb.Errorf("settle: %v", err)
	}
}

func TestSettle_gives_the_endpoint_as_it_is_and_takes_up_what_was_saved(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	sub := h.made(t, of("plain", anna), draft("baked", hookURL))
	settle(t, h, subscription.Update{ID: sub.ID, Fired: 3, At: noon.Add(time.Second)})
	var seen subscription.Endpoint
	failed := errors.New("not saved")
	err := h.Settle(t.Context(), sub.ID, func(e subscription.Endpoint) (*subscription.Update, error) {
		seen = e
		return &subscription.Update{ID: sub.ID, Fired: 100, Delete: true}, failed
	})
	if !errors.Is(err, failed) || seen.Triggered != 3 || !seen.LastTriggered.Equal(noon.Add(time.Second)) || len(seen.Traits.Policy.Waits) == 0 {
		t.Errorf("%v; the endpoint was %+v", err, seen)
	}
	if e, ok := h.Endpoint(sub.ID); !ok || e.Triggered != 3 {
		t.Errorf("what was not saved is taken up: %+v", e)
	}
	if err := h.Settle(t.Context(), sub.ID, func(subscription.Endpoint) (*subscription.Update, error) { return nil, nil }); err != nil {
		t.Error(err)
	}
	settle(t, h, subscription.Update{ID: sub.ID, Delete: true, Reason: "410"})
	if _, ok := h.Endpoint(sub.ID); ok || len(h.Set().Wanting("bakery", "Baked")) != 0 {
		t.Error("it is there still")
	}
	err = h.Settle(t.Context(), sub.ID, func(subscription.Endpoint) (*subscription.Update, error) {
		t.Error("change is called for one that is gone")
		return nil, nil
	})
	if !errors.Is(err, subscription.ErrNotFound) {
		t.Errorf("of one that is gone: %v", err)
	}
}

func TestResting_tells_when_the_first_circuit_may_close(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	var ids []string
	for i, name := range []string{"baked", "burnt", "sold"} {
		sub := h.made(t, of("plain", anna), draft(name, hookURL))
		ids = append(ids, sub.ID)
		settle(t, h, subscription.Update{ID: sub.ID, Health: delivery.Health{OpenUntil: noon.Add(time.Duration(3-i) * time.Minute)}})
	}
	if got, next := h.Resting(noon); !slices.Equal(got, ids) || !next.Equal(noon.Add(time.Minute)) {
		t.Errorf("at rest are %v until %v", got, next)
	}
	if got, next := h.Resting(noon.Add(time.Minute)); !slices.Equal(got, ids[:2]) || !next.Equal(noon.Add(2*time.Minute)) {
		t.Errorf("a minute on, at rest are %v until %v", got, next)
	}
	if err := h.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, _ := h.Resting(noon); !slices.Equal(got, ids) {
		t.Errorf("after a restart, at rest are %v", got)
	}
}

// What an operation and a delivery change at one time is never lost: each runs
// over the outcome of the one before.
func TestSettle_and_operations_lose_nothing_of_each_other(t *testing.T) {
	t.Parallel()

	const workers, rounds = 4, 60
	h := open(t, echo)
	h.shelf.before = func(string, string) { runtime.Gosched() } // lets others in
	who := of("plain", anna)
	sub := h.made(t, who, draft("baked", hookURL))
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range rounds {
				err := h.Settle(t.Context(), sub.ID, func(e subscription.Endpoint) (*subscription.Update, error) {
					health := e.Health
					health.Failures++ // counted on from what it is
					u := subscription.Update{ID: sub.ID, Fired: 1, At: noon, Health: health}
					return &u, h.shelf.settle(u)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for i := range rounds {
				rate := float64(i + 1)
				if r := h.Do(t.Context(), who, subscription.Change{ID: "1", Draft: subscription.Draft{Rate: &rate}}).Refusal; r != nil {
					t.Errorf("refused: %s", r.Message)
				}
				if r := h.Do(t.Context(), who, subscription.Rotate{ID: "1"}).Refusal; r != nil {
					t.Errorf("refused: %s", r.Message)
				}
			}
		})
	}
	all.Wait()
	now, _ := h.Find(sub.ID)
	if now.Triggered != workers*rounds || now.Health.Failures != workers*rounds || now.Revision != 1+2*workers*rounds {
		t.Errorf("after %d deliveries and %d changes it counts %d, %d failures, revision %d",
			workers*rounds, 2*workers*rounds, now.Triggered, now.Health.Failures, now.Revision)
	}
	if kept := h.shelf.get(sub.ID); !reflect.DeepEqual(kept, now) {
		t.Errorf("memory holds\n%+v, the store\n%+v", now, kept)
	}
}

// Whatever happens in whatever order, and whether the store can save it or not,
// memory holds what the store does, and events find what memory holds.
func TestService_agrees_with_its_store(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(rt *rapid.T) {
		h := open(t, echo)
		ctx := context.Background()
		who := []subscription.Caller{of("plain", anna), of("plain", bert), of("shaken", anna)}
		id := rapid.SampledFrom([]string{"1", "2", "3", "4"})
		name := rapid.SampledFrom([]string{"baked", "sold", "nothing"})
		address := rapid.SampledFrom([]string{hookURL, hookURL + "/2", "http://127.0.0.1/"})
		status := rapid.SampledFrom([]subscription.Status{"", subscription.Active, subscription.Disabled})
		steps := rapid.IntRange(1, 30).Draw(rt, "steps")
		for range steps {
			var fail error
			if rapid.IntRange(0, 4).Draw(rt, "fails") == 0 {
				fail = errDisk
			}
			h.shelf.fault(fail)
			asks := rapid.SampledFrom(who).Draw(rt, "who")
			d := subscription.Draft{Event: name.Draw(rt, "event"), URL: address.Draw(rt, "url")}
			switch rapid.IntRange(0, 5).Draw(rt, "does") {
			case 0, 1:
				h.Do(ctx, asks, subscription.Create{Drafts: []subscription.Draft{d}})
			case 2:
				d.Status = status.Draw(rt, "status")
				h.Do(ctx, asks, subscription.Change{ID: id.Draw(rt, "id"), Draft: d})
			case 3:
				h.Do(ctx, asks, subscription.Delete{IDs: []string{id.Draw(rt, "id")}})
			case 4:
				h.Do(ctx, asks, subscription.Verify{ID: id.Draw(rt, "id")})
			case 5:
				for _, sub := range h.All() {
					u := subscription.Update{ID: sub.ID, Fired: 1, At: noon, Status: status.Draw(rt, "status"), Delete: rapid.IntRange(0, 9).Draw(rt, "gone") == 0}
					if u.Status == sub.Status {
						u.Status = ""
					}
					_ = h.Settle(ctx, sub.ID, func(subscription.Endpoint) (*subscription.Update, error) { return &u, h.shelf.settle(u) })
				}
			}
			agree(rt, h)
		}
	})
}

func agree(rt *rapid.T, h *house) {
	kept, _ := h.shelf.Subscriptions(context.Background())
	held := h.All()
	if len(kept) != len(held) {
		rt.Fatalf("memory holds %d, the store %d", len(held), len(kept))
	}
	found := map[string]subscription.Subscription{}
	for _, action := range []string{"Baked", "Sold"} {
		for _, e := range h.Set().Wanting("bakery", action) {
			found[e.ID] = e.Subscription
		}
	}
	for i := range held {
		if !reflect.DeepEqual(kept[i], held[i]) {
			rt.Fatalf("memory holds\n%+v, the store\n%+v", held[i], kept[i])
		}
		e := found[held[i].ID]
		if e.Status != held[i].Status || e.URL != held[i].URL || e.Event != held[i].Event || e.Revision != held[i].Revision {
			rt.Fatalf("memory holds\n%+v, events find\n%+v", held[i], e)
		}
	}
	if len(found) != len(held) {
		rt.Fatalf("memory holds %d, events find %d", len(held), len(found))
	}
}
