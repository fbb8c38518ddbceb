package subscription_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

func TestOwners_see_and_change_their_own_only(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	mine := h.made(t, of("plain", anna), draft("baked", hookURL))
	foreign := h.made(t, of("plain", bert), draft("baked", hookURL))
	shaken := h.made(t, of("shaken", anna), draft("baked", hookURL))
	if shaken.External != mine.External {
		t.Fatalf("the ids %s and %s are to be alike", shaken.External, mine.External)
	}
	who := of("plain", anna)
	for _, id := range []string{foreign.External, "99", "", foreign.ID} {
		for _, op := range []subscription.Operation{
			subscription.Get{ID: id},
			subscription.Change{ID: id, Draft: subscription.Draft{Status: subscription.Disabled}},
			subscription.Delete{IDs: []string{mine.External, id}},
			subscription.Verify{ID: id},
			subscription.Confirm{ID: id},
			subscription.Rotate{ID: id},
			subscription.Trigger{ID: id, Object: "1"},
			subscription.Dispatch{ID: id, Object: "1"},
			subscription.Replay{ID: id},
		} {
			r := h.Do(t.Context(), who, op).Refusal
			if r == nil || r.Code != subscription.NotFound {
				t.Errorf("%T of %q: the refusal is %+v", op, id, r)
			}
		}
	}
	if now, _ := h.Find(foreign.ID); !reflect.DeepEqual(now, foreign) {
		t.Errorf("the other's is %+v", now)
	}
	if len(h.All()) != 3 || len(h.published) != 0 {
		t.Errorf("there are %d, and %d events", len(h.All()), len(h.published))
	}
	operator := subscription.Caller{Dialect: "plain", Name: "admin", All: true}
	if got := only(t, h.Do(t.Context(), operator, subscription.Get{ID: foreign.External})); got.ID != foreign.ID {
		t.Errorf("an operator gets %+v", got)
	}
}

// ownSecret is one that a client brings along.
const ownSecret = "whsec_ZXhhbXBsZSBzZWNyZXQgb2YgMjQgYnl0ZXM="

func TestList_gives_pages_of_what_is_asked_for(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	for _, d := range []subscription.Draft{draft("baked", hookURL), draft("sold", hookURL), draft("sold", hookURL+"/2")} {
		h.made(t, of("plain", anna), d)
	}
	h.made(t, of("plain", bert), draft("sold", hookURL))
	h.made(t, of("shaken", anna), draft("sold", hookURL))
	backwards := func(all []subscription.Subscription) []subscription.Subscription {
		sold := slices.DeleteFunc(all, func(s subscription.Subscription) bool { return s.Event != "sold" })
		slices.Reverse(sold)
		return sold
	}
	for _, tt := range []struct {
		name  string
		list  subscription.List
		want  string // external ids
		total int
	}{
		{"all", subscription.List{}, "1 2 3", 3},
		{"a page", subscription.List{Offset: 1, Limit: 1}, "2", 3},
		{"the last page", subscription.List{Offset: 2, Limit: 5}, "3", 3},
		{"past the end", subscription.List{Offset: 7, Limit: 5}, "", 3},
		{"of an event", subscription.List{Event: "sold"}, "2 3", 2},
		{"to an address", subscription.List{URL: hookURL}, "1 2", 2},
		{"of both", subscription.List{Event: "sold", URL: hookURL + "/2"}, "3", 1},
		{"of none", subscription.List{Event: "burnt"}, "", 0},
		{"what the dialect picks, in its order", subscription.List{Pick: backwards}, "3 2", 2},
		{"a page of what it picks", subscription.List{Pick: backwards, Offset: 1, Limit: 1}, "2", 2},
	} {
		out := h.Do(t.Context(), of("plain", anna), tt.list)
		var ids []string
		for _, sub := range out.Subscriptions {
			ids = append(ids, sub.External)
		}
		if got := strings.Join(ids, " "); got != tt.want || out.Total != tt.total || out.Subscriptions == nil {
			t.Errorf("%s: %q of %d; want %q of %d", tt.name, got, out.Total, tt.want, tt.total)
		}
	}
}

func TestTypes_are_what_can_be_subscribed_to(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	var keys []string
	for _, o := range h.Do(t.Context(), of("plain", anna), subscription.Types{}).Offers {
		keys = append(keys, o.Key)
	}
	if want := []string{"login failure", "created", "updated", "deleted", "baked", "burnt", "sold"}; !slices.Equal(keys, want) {
		t.Errorf("the types are %q; want %q", keys, want)
	}
}

func TestChange_changes_what_is_written_and_leaves_the_rest(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	first := draft("baked", hookURL)
	first.Filter, first.Ordered, first.Rate = new("data.loaves > 2"), new(true), new(5.0)
	sub := h.made(t, who, first)
	was := h.Set().Wanting("bakery", "Baked")[0].Hash
	h.pass(time.Minute)
	next := only(t, h.Do(t.Context(), who, subscription.Change{ID: sub.External, Draft: subscription.Draft{Event: "sold", Rate: new(0.0)}}))
	want := sub
	want.Event, want.Rate, want.Updated, want.Revision = "sold", 0, noon.Add(time.Minute), 2
	if !reflect.DeepEqual(next, want) {
		t.Errorf("it became\n%+v, want\n%+v", next, want)
	}
	if len(h.Set().Wanting("bakery", "Baked")) != 0 || len(h.Set().Wanting("bakery", "Sold")) != 1 || h.Set().Wanting("bakery", "Sold")[0].Hash == was {
		t.Error("events still find the old one")
	}
	next = only(t, h.Do(t.Context(), who, subscription.Change{ID: sub.External, Draft: subscription.Draft{Filter: new(""), Ordered: new(false), Secret: ownSecret}}))
	if next.Filter != "" || next.Ordered || len(next.Secrets) != 1 || next.Secrets[0].Value != ownSecret {
		t.Errorf("it became %+v", next)
	}
	if !reflect.DeepEqual(h.shelf.get(sub.ID), next) {
		t.Errorf("the store keeps %+v", h.shelf.get(sub.ID))
	}
}

func TestChange_refuses_what_could_not_work_and_changes_nothing(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	sub := h.made(t, who, draft("baked", hookURL))
	h.made(t, who, draft("sold", hookURL))
	for _, tt := range []struct {
		draft subscription.Draft
		code  subscription.Code
	}{
		{subscription.Draft{Event: "bakt"}, subscription.NoEvent},
		{subscription.Draft{Event: "sold"}, subscription.Exists},
		{subscription.Draft{URL: "http://127.0.0.1/"}, subscription.BadURL},
		{subscription.Draft{Status: subscription.Pending}, subscription.Invalid},
		{subscription.Draft{Status: "asleep"}, subscription.Invalid},
		{subscription.Draft{Filter: new("crumbs")}, subscription.Invalid},
	} {
		if r := h.Do(t.Context(), who, subscription.Change{ID: sub.External, Draft: tt.draft}).Refusal; r == nil || r.Code != tt.code {
			t.Errorf("%+v: the refusal is %+v", tt.draft, r)
		}
	}
	if now, _ := h.Find(sub.ID); !reflect.DeepEqual(now, sub) || !reflect.DeepEqual(h.shelf.get(sub.ID), sub) {
		t.Errorf("it is %+v", now)
	}
}

// An event that left the space does not keep an owner from turning off what
// waits for it.
func TestChange_of_a_subscription_whose_event_is_gone(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	d := draft("baked", hookURL)
	d.Filter = new("data.loaves > 2")
	sub := h.made(t, who, d)
	h.Use(event.NewCatalogue(), nil)
	for _, tt := range []struct {
		draft subscription.Draft
		code  subscription.Code // empty for none
	}{
		{subscription.Draft{Status: subscription.Disabled}, ""},
		{subscription.Draft{Event: "baked", Rate: new(2.0)}, ""},
		{subscription.Draft{Event: "sold"}, subscription.NoEvent},
		{subscription.Draft{Filter: new("data.loaves > 3")}, subscription.NoEvent},
	} {
		out := h.Do(t.Context(), who, subscription.Change{ID: sub.External, Draft: tt.draft})
		if (out.Refusal == nil) != (tt.code == "") || out.Refusal != nil && out.Refusal.Code != tt.code {
			t.Errorf("%+v: the refusal is %+v; want %q", tt.draft, out.Refusal, tt.code)
		}
	}
	if now, _ := h.Find(sub.ID); now.Status != subscription.Disabled || now.Rate != 2 || now.Filter != sub.Filter {
		t.Errorf("it is %+v", now)
	}
}

func TestChange_checks_a_kept_filter_against_another_event(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	d := draft("baked", hookURL)
	d.Filter = new("data.loaves > 2")
	sub := h.made(t, of("plain", anna), d)
	r := h.Do(t.Context(), of("plain", anna), subscription.Change{ID: sub.External, Draft: subscription.Draft{Event: "created"}}).Refusal
	if r == nil || r.Code != subscription.Invalid || r.Field != "filter" {
		t.Errorf("a filter over data passes for an event without it: %+v", r)
	}
}

func TestStatus_is_changed_by_owners_and_operators(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	sub := h.made(t, who, draft("baked", hookURL))
	sick := delivery.Health{Failures: 9, OpenUntil: noon.Add(time.Hour)}
	update := subscription.Update{ID: sub.ID, Health: sick, Status: subscription.Disabled, Reason: "it failed nine times"}
	settle(t, h, update)
	if now, _ := h.Find(sub.ID); now.Status != subscription.Disabled || now.Reason != update.Reason || now.Health != sick {
		t.Fatalf("after a failure it is %+v", now)
	}
	if ids, next := h.Resting(noon); !slices.Equal(ids, []string{sub.ID}) || !next.Equal(sick.OpenUntil) {
		t.Errorf("at rest are %v until %v", ids, next)
	}
	enabled := only(t, h.Do(t.Context(), who, subscription.Change{ID: sub.External, Draft: subscription.Draft{Status: subscription.Active}}))
	if enabled.Status != subscription.Active || enabled.Reason != "" || enabled.Health != (delivery.Health{}) {
		t.Errorf("enabled by its owner it is %+v", enabled)
	}
	if ids, next := h.Resting(noon); len(ids) != 0 || !next.IsZero() {
		t.Errorf("at rest are %v until %v", ids, next)
	}
	off := only(t, h.Do(t.Context(), who, subscription.Change{ID: sub.External, Draft: subscription.Draft{Status: subscription.Disabled}}))
	if off.Status != subscription.Disabled || off.Reason != "its owner disabled it" {
		t.Errorf("disabled by its owner it is %+v", off)
	}
	if on, r := h.Enable(t.Context(), sub.ID, "admin", ""); r != nil || on.Status != subscription.Active {
		t.Errorf("enabled by an operator it is %+v, %+v", on, r)
	}
	if off, r := h.Disable(t.Context(), sub.ID, "admin", "it is loud"); r != nil || off.Reason != "admin disabled it: it is loud" {
		t.Errorf("disabled by an operator it is %+v, %+v", off, r)
	}
	if r := h.Remove(t.Context(), sub.ID, "admin"); r != nil {
		t.Fatal(r)
	}
	for _, r := range []*subscription.Refusal{h.Remove(t.Context(), sub.ID, "admin"), second(h.Enable(t.Context(), sub.ID, "admin", ""))} {
		if r == nil || r.Code != subscription.NotFound {
			t.Errorf("of one that is gone: %+v", r)
		}
	}
	want := []string{
		"subscription.create by token of Anna", "subscription.enable by token of Anna", "subscription.disable by token of Anna",
		"subscription.enable by admin", "subscription.disable by admin", "subscription.delete by admin",
	}
	if did := h.shelf.did(); !slices.Equal(did, want) {
		t.Errorf("the audit says %q", did)
	}
	told := []string{"plain/1 active", "plain/1 active", "plain/1 disabled", "plain/1 active", "plain/1 disabled", "plain/1 deleted"}
	if !slices.Equal(h.told, told) {
		t.Errorf("watchers were told %q", h.told)
	}
}

func second(_ subscription.Subscription, r *subscription.Refusal) *subscription.Refusal { return r }

func TestChange_of_the_address_begins_with_a_clean_record(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	sub := h.made(t, who, draft("baked", hookURL))
	settle(t, h, subscription.Update{ID: sub.ID, Health: delivery.Health{Failures: 3}})
	next := only(t, h.Do(t.Context(), who, subscription.Change{ID: "1", Draft: subscription.Draft{Event: "sold"}}))
	if next.Health.Failures != 3 {
		t.Errorf("with another event its health is %+v", next.Health)
	}
	next = only(t, h.Do(t.Context(), who, subscription.Change{ID: "1", Draft: subscription.Draft{URL: hookURL + "/2"}}))
	if next.Health != (delivery.Health{}) || !reflect.DeepEqual(h.shelf.get(sub.ID), next) {
		t.Errorf("with another address its health is %+v", next.Health)
	}
}

func TestDelete_removes_all_or_none(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	h.made(t, who, draft("baked", hookURL))
	h.made(t, who, draft("sold", hookURL))
	h.shelf.fault(errDisk)
	if r := h.Do(t.Context(), who, subscription.Delete{IDs: []string{"1", "2"}}).Refusal; r == nil || r.Code != subscription.Failed || len(h.All()) != 2 {
		t.Errorf("a store that fails: %+v, %d are left", r, len(h.All()))
	}
	h.shelf.fault(nil)
	for _, ids := range [][]string{nil, {"1", "3"}, make([]string, subscription.MaxOperations+1)} {
		if r := h.Do(t.Context(), who, subscription.Delete{IDs: ids}).Refusal; r == nil || len(h.All()) != 2 {
			t.Errorf("%d ids: %+v, %d are left", len(ids), r, len(h.All()))
		}
	}
	out := h.Do(t.Context(), who, subscription.Delete{IDs: []string{"2", "1", "2"}})
	if out.Refusal != nil || len(out.Subscriptions) != 2 || out.Subscriptions[0].Event != "sold" || len(h.All()) != 0 || len(h.Set().Wanting("bakery", "Sold")) != 0 {
		t.Errorf("the outcome is %+v, %d are left", out, len(h.All()))
	}
	if again := h.made(t, who, draft("baked", hookURL)); again.External != "3" {
		t.Errorf("an id is used again: %s", again.External)
	}
}

func TestChange_that_cannot_be_saved_changes_nothing(t *testing.T) {
	t.Parallel()

	for fail, code := range map[error]subscription.Code{
		errFull: subscription.Busy, errDisk: subscription.Failed, subscription.ErrStale: subscription.Busy,
	} {
		h := open(t, echo)
		who := of("shaken", anna)
		sub := h.made(t, who, draft("baked", hookURL))
		h.shelf.fault(fail)
		for _, op := range []subscription.Operation{
			subscription.Change{ID: "1", Draft: subscription.Draft{Event: "sold"}},
			subscription.Change{ID: "1", Draft: subscription.Draft{URL: hookURL + "/2"}},
			subscription.Verify{ID: "1"},
			subscription.Rotate{ID: "1"},
			subscription.Delete{IDs: []string{"1"}},
		} {
			if r := h.Do(t.Context(), who, op).Refusal; r == nil || r.Code != code {
				t.Errorf("%v, %T: the refusal is %+v", fail, op, r)
			}
		}
		entry := h.Set().Wanting("bakery", "Baked")
		if now, _ := h.Find(sub.ID); !reflect.DeepEqual(now, sub) || len(entry) != 1 || !reflect.DeepEqual(entry[0].Subscription, sub) {
			t.Errorf("%v: it is %+v", fail, now)
		}
	}
}

func TestRotate_makes_another_pair_of_keys(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	d := draft("baked", hookURL)
	d.Pair = true
	old := h.made(t, who, d)
	out := h.Do(t.Context(), who, subscription.Rotate{ID: "1"})
	sub := only(t, out)
	if out.Secret != "" || len(sub.Secrets) != 2 || sub.Secrets[1].Value != old.Secrets[0].Value || sub.PublicKey() == "" || sub.PublicKey() == old.PublicKey() {
		t.Errorf("the secrets are %+v, told %q; want a new pair before that of %s", sub.Secrets, out.Secret, old.PublicKey())
	}
}

func TestRotate_leaves_the_old_secret_valid_for_a_day(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	sub := h.made(t, who, draft("baked", hookURL))
	first := sub.Secrets[0].Value
	out := h.Do(t.Context(), who, subscription.Rotate{ID: "1"})
	sub = only(t, out)
	want := []subscription.Secret{{Value: out.Secret}, {Value: first, Expires: noon.Add(24 * time.Hour)}}
	if out.Secret == first || !slices.Equal(sub.Secrets, want) {
		t.Errorf("the secrets are %+v; want %+v", sub.Secrets, want)
	}
	h.pass(time.Hour)
	out = h.Do(t.Context(), who, subscription.Rotate{ID: "1", Secret: ownSecret})
	if sub = only(t, out); out.Secret != "" || len(sub.Secrets) != 3 || sub.Secrets[0].Value != ownSecret || !sub.Secrets[2].Expires.Equal(noon.Add(24*time.Hour)) {
		t.Errorf("with one's own they are %+v, told %q", sub.Secrets, out.Secret)
	}
	if r := h.Do(t.Context(), who, subscription.Rotate{ID: "1", Secret: "no base 64!"}).Refusal; r == nil || r.Code != subscription.Invalid {
		t.Errorf("a secret that is none: %+v", r)
	}
	for range subscription.MaxSecrets + 3 {
		sub = only(t, h.Do(t.Context(), who, subscription.Rotate{ID: "1"}))
	}
	if len(sub.Secrets) != subscription.MaxSecrets {
		t.Errorf("there are %d secrets", len(sub.Secrets))
	}
	h.pass(25 * time.Hour)
	if sub = only(t, h.Do(t.Context(), who, subscription.Rotate{ID: "1"})); len(sub.Secrets) != 2 {
		t.Errorf("after a day they are %+v", sub.Secrets)
	}
}
