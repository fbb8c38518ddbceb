package subscription_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hooktree/webhooks/subscription"
)

func TestHandshake_makes_active_what_is_echoed(t *testing.T) {
	t.Parallel()

	var asked *http.Request
	var body []byte
	h := open(t, func(r *http.Request) (*http.Response, error) {
		asked = r
		body, _ = io.ReadAll(r.Body)
		return echo(r)
	})
	sub := h.made(t, of("shaken", anna), draft("baked", hookURL))
	if sub.Status != subscription.Active || sub.Reason != "" || sub.Challenge != "" {
		t.Errorf("the subscription is %+v", sub)
	}
	if asked.Method != http.MethodPost || asked.URL.String() != hookURL || string(body) != "{}" ||
		asked.Header.Get("Content-Type") != "application/json" || asked.Header.Get("User-Agent") != "hooktree" || len(asked.Header.Get("X-Hook-Secret")) < 32 {
		t.Errorf("the endpoint was asked %s %s %v %s", asked.Method, asked.URL, asked.Header, body)
	}
	if kept := h.shelf.get(sub.ID); kept.Status != subscription.Active || kept.Revision != sub.Revision {
		t.Errorf("the store keeps %+v", kept)
	}
	if e := h.Set().Wanting("bakery", "Baked"); len(e) != 1 || e[0].Status != subscription.Active {
		t.Errorf("events find %+v", e)
	}
}

func TestHandshake_leaves_pending_what_is_not_echoed(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		name      string
		endpoints answer
		want      string // part of the reason
	}{
		{"another status", func(r *http.Request) (*http.Response, error) {
			return respond(204, "X-Hook-Secret", r.Header.Get("X-Hook-Secret"))
		}, "204 in place of 200"},
		{"no secret", func(*http.Request) (*http.Response, error) { return respond(200) }, "200 without X-Hook-Secret"},
		{"another secret", func(*http.Request) (*http.Response, error) { return respond(200, "X-Hook-Secret", "guess") }, "another X-Hook-Secret"},
		{"no answer", func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }, "it could not be asked: connection refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			h := open(t, tt.endpoints)
			sub := h.made(t, of("shaken", anna), draft("baked", hookURL))
			if sub.Status != subscription.Pending || !strings.Contains(sub.Reason, tt.want) || sub.Challenge == "" {
				t.Errorf("the subscription is %+v; want it pending, for %q", sub, tt.want)
			}
			if e := h.Set().Wanting("bakery", "Baked"); len(e) != 1 || e[0].Status != subscription.Pending {
				t.Errorf("events find %+v", e)
			}
		})
	}
}

func TestHandshake_gives_up_after_the_policys_time(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		h := open(t, func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		began := time.Now()
		sub := h.made(t, of("shaken", anna), draft("baked", hookURL))
		if took := time.Since(began); took != 30*time.Second || sub.Status != subscription.Pending {
			t.Errorf("after %v it is %+v", took, sub)
		}
	})
}

func TestHandshake_can_be_confirmed_later(t *testing.T) {
	t.Parallel()

	var secret string
	h := open(t, func(r *http.Request) (*http.Response, error) {
		secret = r.Header.Get("X-Hook-Secret")
		return respond(200)
	})
	who := of("shaken", anna)
	sub := h.made(t, who, draft("baked", hookURL))
	for _, wrong := range []string{"", "guess", secret[1:], secret + "0"} {
		r := h.Do(t.Context(), who, subscription.Confirm{ID: sub.External, Secret: wrong}).Refusal
		if r == nil || r.Code != subscription.Unconfirmed {
			t.Errorf("%q confirms it: %+v", wrong, r)
		}
	}
	sub = only(t, h.Do(t.Context(), who, subscription.Confirm{ID: sub.External, Secret: secret}))
	if sub.Status != subscription.Active || h.shelf.get(sub.ID).Status != subscription.Active {
		t.Errorf("the subscription is %+v", sub)
	}
	if r := h.Do(t.Context(), who, subscription.Confirm{ID: sub.External, Secret: secret}).Refusal; r == nil || r.Code != subscription.Unconfirmed {
		t.Errorf("a secret confirms twice: %+v", r)
	}
}

func TestHandshake_is_asked_for_again_by_verify(t *testing.T) {
	t.Parallel()

	var confirms atomic.Bool
	var secrets []string
	h := open(t, func(r *http.Request) (*http.Response, error) {
		secrets = append(secrets, r.Header.Get("X-Hook-Secret"))
		if confirms.Load() {
			return echo(r)
		}
		return respond(200)
	})
	who := of("shaken", anna)
	sub := h.made(t, who, draft("baked", hookURL))
	again := subscription.Verify{ID: sub.External}
	if sub = only(t, h.Do(t.Context(), who, again)); sub.Status != subscription.Pending {
		t.Errorf("unconfirmed it is %+v", sub)
	}
	confirms.Store(true)
	if sub = only(t, h.Do(t.Context(), who, again)); sub.Status != subscription.Active {
		t.Errorf("confirmed it is %+v", sub)
	}
	if len(secrets) != 3 || secrets[0] == secrets[1] || secrets[1] == secrets[2] {
		t.Errorf("the secrets were %v; want a new one each time", secrets)
	}
	if _, r := h.Disable(t.Context(), sub.ID, "admin", ""); r != nil {
		t.Fatal(r)
	}
	if sub = only(t, h.Do(t.Context(), who, again)); sub.Status != subscription.Active {
		t.Errorf("verified from disabled it is %+v", sub)
	}
	confirms.Store(false)
	if sub = only(t, h.Do(t.Context(), who, again)); sub.Status != subscription.Active {
		t.Errorf("an active one that does not confirm once more is %+v", sub)
	}
	plain := h.made(t, of("plain", anna), draft("baked", hookURL))
	if r := h.Do(t.Context(), of("plain", anna), subscription.Verify{ID: plain.External}).Refusal; r == nil || r.Code != subscription.Invalid {
		t.Errorf("a dialect without handshakes verifies: %+v", r)
	}
}

func TestHandshake_begins_anew_with_another_address(t *testing.T) {
	t.Parallel()

	var asked []string
	h := open(t, func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.String())
		if strings.HasSuffix(r.URL.Path, "/new") {
			return respond(500)
		}
		return echo(r)
	})
	who := of("shaken", anna)
	sub := h.made(t, who, draft("baked", hookURL))
	sub = only(t, h.Do(t.Context(), who, subscription.Change{ID: sub.External, Draft: subscription.Draft{Event: "sold"}}))
	if sub.Status != subscription.Active || len(asked) != 1 {
		t.Errorf("with another event it is %+v, asked %v", sub, asked)
	}
	moved := subscription.Change{ID: sub.External, Draft: subscription.Draft{URL: hookURL + "/new", Status: subscription.Active}}
	if sub = only(t, h.Do(t.Context(), who, moved)); sub.Status != subscription.Pending || len(asked) != 2 {
		t.Errorf("with another address it is %+v, asked %v", sub, asked)
	}
	if sub, r := h.Enable(t.Context(), sub.ID, "admin", ""); r != nil || sub.Status != subscription.Pending {
		t.Errorf("enabled without a confirmation it is %+v, %+v", sub, r)
	}
	if _, r := h.Disable(t.Context(), sub.ID, "admin", ""); r != nil {
		t.Fatal(r)
	}
	if sub, r := h.Enable(t.Context(), sub.ID, "admin", ""); r != nil || sub.Status != subscription.Pending {
		t.Errorf("by way of disabled it is %+v, %+v", sub, r)
	}
}

func TestHandshake_lets_its_endpoint_call_us_meanwhile(t *testing.T) {
	t.Parallel()

	who := of("shaken", anna)
	for _, tt := range []struct {
		name string
		call func(h *house, ctx context.Context, secret string) *subscription.Refusal
		want subscription.Status // empty: gone
	}{
		{"list", func(h *house, ctx context.Context, _ string) *subscription.Refusal {
			return h.Do(ctx, who, subscription.List{}).Refusal
		}, subscription.Active},
		{"create another", func(h *house, ctx context.Context, _ string) *subscription.Refusal {
			return h.Do(ctx, of("plain", anna), subscription.Create{Drafts: []subscription.Draft{draft("sold", hookURL)}}).Refusal
		}, subscription.Active},
		{"confirm", func(h *house, ctx context.Context, secret string) *subscription.Refusal {
			return h.Do(ctx, who, subscription.Confirm{ID: "1", Secret: secret}).Refusal
		}, subscription.Active},
		{"delete", func(h *house, ctx context.Context, _ string) *subscription.Refusal {
			return h.Do(ctx, who, subscription.Delete{IDs: []string{"1"}}).Refusal
		}, ""},
		{"disable", func(h *house, ctx context.Context, _ string) *subscription.Refusal {
			return h.Do(ctx, who, subscription.Change{ID: "1", Draft: subscription.Draft{Status: subscription.Disabled}}).Refusal
		}, subscription.Disabled},
		{"settle", func(h *house, ctx context.Context, _ string) *subscription.Refusal {
			id := h.All()[0].ID
			if err := h.Settle(ctx, id, func(subscription.Endpoint) (*subscription.Update, error) { return nil, nil }); err != nil {
				return &subscription.Refusal{Message: err.Error()}
			}
			return nil
		}, subscription.Active},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			var h *house
			h = open(t, func(r *http.Request) (*http.Response, error) {
				if refusal := tt.call(h, r.Context(), r.Header.Get("X-Hook-Secret")); refusal != nil {
					t.Errorf("refused: %s", refusal.Message)
				}
				return echo(r)
			})
			sub := h.made(t, who, draft("baked", hookURL))
			now, there := h.Find(sub.ID)
			if there != (tt.want != "") || now.Status != tt.want {
				t.Errorf("after it the subscription is %+v (%t); want %s", now, there, tt.want)
			}
		})
	}
}

// What failures disabled is active when it is confirmed, at once or later, and
// disabled until then: its events are held all the while.
func TestHandshake_brings_a_disabled_one_back(t *testing.T) {
	t.Parallel()

	who := of("shaken", anna)
	for _, later := range []bool{false, true} {
		var confirms atomic.Bool
		var secret string
		confirms.Store(true)
		h := open(t, func(r *http.Request) (*http.Response, error) {
			secret = r.Header.Get("X-Hook-Secret")
			if confirms.Load() {
				return echo(r)
			}
			return respond(410)
		})
		sub := h.made(t, who, draft("baked", hookURL))
		settle(t, h, subscription.Update{ID: sub.ID, Status: subscription.Disabled, Reason: "it failed four times"})
		confirms.Store(false)
		for name, op := range map[string]subscription.Operation{
			"verify": subscription.Verify{ID: sub.External}, "create": subscription.Create{Drafts: []subscription.Draft{draft("baked", hookURL)}},
		} {
			sub = only(t, h.Do(t.Context(), who, op))
			if sub.Status != subscription.Disabled || !strings.Contains(sub.Reason, "did not confirm it: it answered 410") {
				t.Errorf("after %s without a confirmation it is %s: %s", name, sub.Status, sub.Reason)
			}
		}
		var op subscription.Operation = subscription.Confirm{ID: sub.External, Secret: secret}
		if !later {
			confirms.Store(true)
			op = subscription.Verify{ID: sub.External}
		}
		if sub = only(t, h.Do(t.Context(), who, op)); sub.Status != subscription.Active || sub.Reason != "" {
			t.Errorf("confirmed by %T it is %s: %s", op, sub.Status, sub.Reason)
		}
	}
}

// An operator who disables one while its endpoint is asked has the last word.
func TestHandshake_leaves_what_was_disabled_meanwhile(t *testing.T) {
	t.Parallel()

	var h *house
	var asked atomic.Int64
	h = open(t, func(r *http.Request) (*http.Response, error) {
		if asked.Add(1) == 2 {
			if _, refusal := h.Disable(r.Context(), h.All()[0].ID, "admin", ""); refusal != nil {
				t.Error(refusal)
			}
		}
		return echo(r)
	})
	who := of("shaken", anna)
	sub := h.made(t, who, draft("baked", hookURL))
	settle(t, h, subscription.Update{ID: sub.ID, Status: subscription.Disabled, Reason: "it failed four times"})
	if sub = only(t, h.Do(t.Context(), who, subscription.Verify{ID: sub.External})); sub.Status != subscription.Disabled {
		t.Errorf("it is %s", sub.Status)
	}
}

func TestHandshake_asks_few_at_a_time(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		var under, most atomic.Int64
		h := open(t, func(r *http.Request) (*http.Response, error) {
			most.Store(max(most.Load(), under.Add(1)))
			defer under.Add(-1)
			<-time.After(time.Second)
			return echo(r)
		})
		var drafts []subscription.Draft
		for i := range 40 {
			drafts = append(drafts, draft("baked", hookURL+"/"+strings.Repeat("x", i)))
		}
		began := time.Now()
		out := h.Do(t.Context(), of("shaken", anna), subscription.Create{Drafts: drafts})
		if took := time.Since(began); most.Load() != 16 || took != 3*time.Second {
			t.Errorf("%d were asked at a time, in %v; want 16 in 3s", most.Load(), took)
		}
		for _, sub := range out.Subscriptions {
			if sub.Status != subscription.Active {
				t.Errorf("%s is %s: %s", sub.Name(), sub.Status, sub.Reason)
			}
		}
	})
}

func TestHandshake_survives_a_client_that_goes_away(t *testing.T) {
	t.Parallel()

	ctx, leave := context.WithCancel(t.Context())
	h := open(t, func(r *http.Request) (*http.Response, error) {
		leave()
		return nil, r.Context().Err()
	})
	h.Do(ctx, of("shaken", anna), subscription.Create{Drafts: []subscription.Draft{draft("baked", hookURL)}})
	all := h.All()
	if len(all) != 1 || all[0].Status != subscription.Pending || !strings.Contains(all[0].Reason, "could not be asked") {
		t.Fatalf("there is %+v", all)
	}
	if kept := h.shelf.get(all[0].ID); kept.Reason != all[0].Reason || kept.Revision != all[0].Revision {
		t.Errorf("the store keeps %+v, memory %+v", kept, all[0])
	}
}

// What happened while an endpoint was asked holds, whatever it answers.
func TestHandshake_that_fails_undoes_nothing_that_came_meanwhile(t *testing.T) {
	t.Parallel()

	who := of("shaken", anna)
	var h *house
	h = open(t, func(r *http.Request) (*http.Response, error) {
		confirmed := h.Do(r.Context(), who, subscription.Confirm{ID: "1", Secret: r.Header.Get("X-Hook-Secret")})
		if confirmed.Refusal != nil {
			t.Errorf("refused: %s", confirmed.Refusal.Message)
		}
		return respond(500)
	})
	sub := h.made(t, who, draft("baked", hookURL))
	if sub.Status != subscription.Active || sub.Reason != "" {
		t.Errorf("confirmed by a call of its own it is %+v", sub)
	}
}
