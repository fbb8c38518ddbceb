package subscription_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/subscription"
)

func TestCreate_keeps_what_a_draft_says(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	out := h.Do(t.Context(), of("plain", anna), subscription.Create{Drafts: []subscription.Draft{{
		Event: "baked", URL: hookURL, ContentType: "application/json", Filter: new("data.loaves > 2"),
		Ordered: new(true), Rate: new(2.5), Concurrency: new(3), Expires: new(noon.Add(time.Hour)),
	}}})
	sub := only(t, out)
	if sub.External != "1" || sub.Name() != "plain/1" || sub.Owner != anna || sub.Status != subscription.Active ||
		sub.Event != "baked" || sub.URL != hookURL || sub.ContentType != "application/json" || sub.Filter != "data.loaves > 2" ||
		!sub.Ordered || sub.Rate != 2.5 || sub.Concurrency != 3 || !sub.Expires.Equal(noon.Add(time.Hour)) || !sub.Created.Equal(noon) {
		t.Errorf("the subscription is %+v", sub)
	}
	if _, err := delivery.ParseStandardSecret(out.Secret); err != nil || len(sub.Secrets) != 1 || sub.Secrets[0].Value != out.Secret {
		t.Errorf("the secret is %q of %+v: %v", out.Secret, sub.Secrets, err)
	}
	if kept := h.shelf.get(sub.ID); kept.URL != hookURL || kept.Revision != 1 {
		t.Errorf("the store keeps %+v", kept)
	}
	entry := h.Set().Wanting("bakery", "Baked")
	if len(entry) != 1 || entry[0].ID != sub.ID || entry[0].Filter == nil || entry[0].Hash == "" {
		t.Errorf("events find %+v", entry)
	}
	if did := h.shelf.did(); !slices.Equal(did, []string{"subscription.create by token of Anna"}) {
		t.Errorf("the audit says %v", did)
	}
}

func TestCreate_refuses_what_could_not_work_and_stores_nothing(t *testing.T) {
	t.Parallel()

	good := draft("baked", hookURL)
	with := func(change func(*subscription.Draft)) []subscription.Draft {
		d := good
		change(&d)
		return []subscription.Draft{d}
	}
	url := func(address string) []subscription.Draft { return []subscription.Draft{draft("baked", address)} }
	for _, tt := range []struct {
		name   string
		drafts []subscription.Draft
		code   subscription.Code
		field  string
		want   string // part of the message
	}{
		{"nothing", nil, subscription.Missing, "", "no subscription"},
		{"too many", make([]subscription.Draft, subscription.MaxOperations+1), subscription.TooLarge, "", "at most 100"},
		{"no event", []subscription.Draft{draft("", hookURL)}, subscription.Missing, "event", "which event"},
		{"an unknown event", []subscription.Draft{draft("bakedd", hookURL)}, subscription.NoEvent, "event", "did you mean baked?"},
		{"a long event, cut within a letter", []subscription.Draft{draft("x"+strings.Repeat("é", 60), hookURL)}, subscription.NoEvent, "event", "é...\""},
		{"an event in other letters", []subscription.Draft{draft("Baked", hookURL)}, subscription.NoEvent, "event", "did you mean baked?"},
		{"no address", url(""), subscription.Missing, "url", "where to deliver"},
		{"a path", url("/hook"), subscription.BadURL, "url", "in full"},
		{"another scheme", url("ftp://shop.example.com/"), subscription.BadURL, "url", "in full"},
		{"no host", url("https:///hook"), subscription.BadURL, "url", "in full"},
		{"an opaque one", url("https:shop.example.com"), subscription.BadURL, "url", "in full"},
		{"no URL at all", url("https://shop.example.com/%zz"), subscription.BadURL, "url", "in full"},
		{"a password", url("https://me:word@shop.example.com/"), subscription.BadURL, "url", "user or password"},
		{"a fragment", url(hookURL + "#top"), subscription.BadURL, "url", "after #"},
		{"a long address", url(hookURL + "?" + strings.Repeat("x", subscription.MaxURL)), subscription.BadURL, "url", "at most 2048"},
		{"an address that the guard refuses", url("http://127.0.0.1/"), subscription.BadURL, "url", "loopback"},
		{"a filter over what is not there", with(func(d *subscription.Draft) { d.Filter = new("data.crumbs > 1") }), subscription.Invalid, "filter", "crumbs"},
		{"a filter that is no condition", with(func(d *subscription.Draft) { d.Filter = new("data.loaves") }), subscription.Invalid, "filter", "true or false"},
		{"a filter that is no expression", with(func(d *subscription.Draft) { d.Filter = new("data.loaves >") }), subscription.Invalid, "filter", "character"},
		{"a filter that reads a secret", with(func(d *subscription.Draft) { d.Filter = new("secret('HR') == 'x'") }), subscription.Invalid, "filter", "a secret can't be used here"},
		{"a long filter", with(func(d *subscription.Draft) { d.Filter = new(strings.Repeat(" ", subscription.MaxFilter) + "true") }), subscription.Invalid, "filter", "at most 4096"},
		{"a rate below zero", with(func(d *subscription.Draft) { d.Rate = new(-1.0) }), subscription.Invalid, "rate", "deliveries a second"},
		{"a rate that is none", with(func(d *subscription.Draft) { d.Rate = new(math.NaN()) }), subscription.Invalid, "rate", "deliveries a second"},
		{"a rate of years", with(func(d *subscription.Draft) { d.Rate = new(1e-9) }), subscription.Invalid, "rate", "one a day"},
		{"a rate without end", with(func(d *subscription.Draft) { d.Rate = new(math.Inf(1)) }), subscription.Invalid, "rate", "deliveries a second"},
		{"concurrency below zero", with(func(d *subscription.Draft) { d.Concurrency = new(-1) }), subscription.Invalid, "concurrency", "1 to 64"},
		{"concurrency above all", with(func(d *subscription.Draft) { d.Concurrency = new(1000) }), subscription.Invalid, "concurrency", "1 to 64"},
		{"an end in the past", with(func(d *subscription.Draft) { d.Expires = new(noon) }), subscription.Invalid, "expires", "past"},
		{"a secret that is none", with(func(d *subscription.Draft) { d.Secret = "no base 64!" }), subscription.Invalid, "secret", "base64"},
		{"a secret that can be guessed", with(func(d *subscription.Draft) { d.Secret = "whsec_AAAA" }), subscription.Invalid, "secret", "24 to 64 random bytes"},
		{"a secret and a pair of keys", with(func(d *subscription.Draft) { d.Secret, d.Pair = "whsec_AAAA", true }), subscription.Invalid, "secret", "leave the secret out"},
		{"a public key", with(func(d *subscription.Draft) { d.Secret = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=" }), subscription.Invalid, "secret", "a public key cannot sign"},
		{"a private key that is cut", with(func(d *subscription.Draft) { d.Secret = "whsk_AAAA" }), subscription.Invalid, "secret", "3 bytes"},
		{"a long secret", with(func(d *subscription.Draft) { d.Secret = strings.Repeat("A", 600) }), subscription.Invalid, "secret", "at most 512"},
		{"one good and one bad", []subscription.Draft{good, draft("bakt", hookURL)}, subscription.NoEvent, "event", "bakt"},
		{"the same twice", []subscription.Draft{good, good}, subscription.Exists, "url", "in the request"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			h := open(t, echo)
			r := h.Do(t.Context(), of("plain", anna), subscription.Create{Drafts: tt.drafts}).Refusal
			if r == nil || r.Code != tt.code || r.Field != tt.field || !strings.Contains(r.Message, tt.want) {
				t.Errorf("the refusal is %+v; want %s of %q with %q", r, tt.code, tt.field, tt.want)
			}
			if kept, _ := h.shelf.Subscriptions(t.Context()); len(kept) > 0 || len(h.All()) > 0 || len(h.Set().Wanting("bakery", "Baked")) > 0 {
				t.Errorf("something was stored: %+v", kept)
			}
		})
	}
}

// The private key stays here.
func TestCreate_makes_a_pair_of_keys(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	d := draft("baked", hookURL)
	d.Pair = true
	out := h.Do(t.Context(), of("plain", anna), subscription.Create{Drafts: []subscription.Draft{d}})
	sub := only(t, out)
	public, err := delivery.ParseStandardPublicKey(sub.PublicKey())
	if err != nil || out.Secret != "" || len(sub.Secrets) != 1 {
		t.Fatalf("the secret is %q of %+v, the public key %q: %v", out.Secret, sub.Secrets, sub.PublicKey(), err)
	}
	private, err := delivery.ParseStandardPrivateKey(sub.Secrets[0].Value)
	if err != nil || !public.Equal(private.Public()) {
		t.Errorf("the halves of the pair do not belong together: %v", err)
	}
	d = draft("burnt", hookURL)
	d.Secret = sub.Secrets[0].Value
	if own := h.made(t, of("plain", anna), d); own.PublicKey() != sub.PublicKey() {
		t.Errorf("one with a private key of its own has the public key %q", own.PublicKey())
	}
	if other := h.made(t, of("plain", anna), draft("sold", hookURL)); other.PublicKey() != "" {
		t.Errorf("one with a secret has the public key %s", other.PublicKey())
	}
}

func TestCreate_makes_all_of_a_request(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	out := h.Do(t.Context(), of("plain", anna), subscription.Create{Drafts: []subscription.Draft{draft("baked", hookURL), draft("sold", hookURL)}})
	if out.Refusal != nil || len(out.Subscriptions) != 2 || out.Subscriptions[1].External != "2" || out.Secret != "" {
		t.Fatalf("the outcome is %+v", out)
	}
	if a, b := out.Subscriptions[0].Secrets, out.Subscriptions[1].Secrets; len(a) != 1 || len(b) != 1 || a[0].Value == b[0].Value {
		t.Errorf("the secrets are %v and %v; want one each, none alike", a, b)
	}
}

func TestCreate_refuses_a_subscription_that_is_there(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	first := h.made(t, of("plain", anna), draft("baked", hookURL))
	again := subscription.Create{Drafts: []subscription.Draft{draft("baked", hookURL)}}
	if r := h.Do(t.Context(), of("plain", anna), again).Refusal; r == nil || r.Code != subscription.Exists || !strings.Contains(r.Message, first.Name()) {
		t.Errorf("the refusal is %+v", r)
	}
	for _, other := range []subscription.Create{
		{Drafts: []subscription.Draft{draft("sold", hookURL)}},
		{Drafts: []subscription.Draft{draft("baked", hookURL+"/2")}},
	} {
		only(t, h.Do(t.Context(), of("plain", anna), other))
	}
	only(t, h.Do(t.Context(), of("plain", bert), again)) // another owner's own
}

func TestCreate_renews_what_is_not_active_where_the_dialect_does(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("shaken", anna)
	sub := h.made(t, who, draft("baked", hookURL))
	again := subscription.Create{Drafts: []subscription.Draft{draft("baked", hookURL)}}
	if r := h.Do(t.Context(), who, again).Refusal; r == nil || r.Code != subscription.Exists {
		t.Errorf("an active one is renewed: %+v", r)
	}
	if _, r := h.Disable(t.Context(), sub.ID, "admin", "it is loud"); r != nil {
		t.Fatal(r)
	}
	renewed := only(t, h.Do(t.Context(), who, again))
	if renewed.ID != sub.ID || renewed.Status != subscription.Active || renewed.Reason != "" {
		t.Errorf("the renewed one is %+v", renewed)
	}
	if len(h.All()) != 1 {
		t.Errorf("there are %d", len(h.All()))
	}
}

func TestCreate_has_a_bound(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	full := make([]subscription.Subscription, subscription.Max-1)
	for i := range full {
		full[i] = subscription.Subscription{ID: "old-" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + time.Duration(i).String(), Dialect: "plain", External: time.Duration(i).String(), Event: "sold"}
		h.shelf.rows[full[i].ID] = full[i]
	}
	if err := h.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	two := subscription.Create{Drafts: []subscription.Draft{draft("baked", hookURL), draft("burnt", hookURL)}}
	if r := h.Do(t.Context(), of("plain", anna), two).Refusal; r == nil || r.Code != subscription.TooMany {
		t.Errorf("two more than fit: %+v", r)
	}
	h.shelf.count["plain"] = subscription.Max
	h.made(t, of("plain", anna), draft("baked", hookURL))
	if r := h.Do(t.Context(), of("plain", bert), subscription.Create{Drafts: two.Drafts[:1]}).Refusal; r == nil || r.Code != subscription.TooMany {
		t.Errorf("one more than fits: %+v", r)
	}
}

func TestCreate_keeps_one_owner_from_the_room_of_all(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	for i := range subscription.MaxOwned {
		id := fmt.Sprintf("old-%04d", i)
		h.shelf.rows[id] = subscription.Subscription{ID: id, Dialect: "plain", External: "x" + id, Event: "sold", URL: hookURL + "/" + id, Owner: anna}
	}
	if err := h.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	one := subscription.Create{Drafts: []subscription.Draft{draft("baked", hookURL)}}
	r := h.Do(t.Context(), of("plain", anna), one).Refusal
	if r == nil || r.Code != subscription.TooMany || !strings.Contains(r.Message, "of this owner") {
		t.Errorf("one more of an owner who has as many as are kept: %+v", r)
	}
	h.made(t, of("plain", bert), one.Drafts[0])
	only(t, h.Do(t.Context(), of("plain", anna), subscription.Delete{IDs: []string{"xold-0000"}}))
	h.made(t, of("plain", anna), one.Drafts[0])
}

// A filter that takes long would hold up the event for all others.
func TestCreate_takes_filters_that_an_event_can_afford(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	d := draft("baked", hookURL)
	d.Filter = new("any(1..data.loaves, # < 0)")
	h.made(t, of("plain", anna), d)
	filter := h.Set().Wanting("bakery", "Baked")[0].Filter
	for loaves, want := range map[int64]string{subscription.MaxSteps / 10: "<nil>", subscription.MaxSteps: "the expression takes too long: more than 20,000 steps"} {
		_, err := filter.Eval(engine.Scope{"data": map[string]any{"loaves": loaves}})
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("a walk through %d: %v; want %s", loaves, err, want)
		}
	}
}

func TestCreate_tells_of_a_store_that_fails(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	for fail, code := range map[error]subscription.Code{
		errFull: subscription.Busy, errDisk: subscription.Failed, subscription.ErrExists: subscription.Exists,
	} {
		h.shelf.fault(fail)
		r := h.Do(t.Context(), of("plain", anna), subscription.Create{Drafts: []subscription.Draft{draft("baked", hookURL)}}).Refusal
		if r == nil || r.Code != code || code == subscription.Failed && strings.Contains(r.Message, "sector") {
			t.Errorf("%v: the refusal is %+v", fail, r)
		}
	}
	if len(h.All()) > 0 || len(h.Set().Wanting("bakery", "Baked")) > 0 {
		t.Error("something was taken up that is not stored")
	}
}
