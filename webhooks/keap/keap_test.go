package keap_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/event"
	"hooktree/webhooks/keap"
	"hooktree/webhooks/subscription"
)

func protocol(api string) subscription.Protocol {
	return keap.Dialect().New(subscription.Settings{"window": "1s", "api": api})
}

func ask(method, target, contentType, body string) subscription.Request {
	r := dialecttest.Request(method, target, contentType, body)
	r.Prefix = "/crm/rest/v1"
	return r
}

func sample(t *testing.T, name string) []byte {
	t.Helper()

	return dialecttest.Sample(t, keap.Name, name)
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()

	return dialecttest.Decoded[any](t, text)
}

const jsonType = "application/json"

func TestRender_givesEachRefusalItsStatus(t *testing.T) {
	t.Parallel()

	for code, want := range map[subscription.Code]int{
		subscription.NotSignedIn: 401, subscription.Foreign: 403, subscription.NotFound: 404, subscription.NoEvent: 400,
		subscription.BadURL: 400, subscription.Exists: 400, subscription.Unconfirmed: 400, subscription.TooMany: 403,
		subscription.Busy: 429, subscription.NoRoom: 507, subscription.Failed: 500, subscription.TooLarge: 413,
	} {
		r := protocol("").Render(subscription.Request{}, subscription.Outcome{Refusal: &subscription.Refusal{
			Code: code, Message: "why", Near: []string{"contact.add"}, RetryAfter: 2 * time.Second,
		}})
		var body struct {
			Message    string
			StackTrace []string
		}
		if err := json.Unmarshal(r.Body, &body); err != nil {
			t.Fatal(err)
		}
		if r.Status != want || body.Message != "why; did you mean contact.add?" || body.StackTrace == nil || r.Header.Get("Retry-After") != "2" {
			t.Errorf("%s is answered %d %s %s; want %d", code, r.Status, r.Header, r.Body, want)
		}
	}
}

func TestRender_helpsWithAnEventThatIsLikeNone(t *testing.T) {
	t.Parallel()

	r := protocol("").Render(subscription.Request{}, subscription.Outcome{Refusal: &subscription.Refusal{Code: subscription.NoEvent, Message: `there is no event "*"`}})
	if said, err := readFault(r); err != nil || !strings.HasSuffix(said, `"*"; a hook has one key of those at /crm/rest/v1/hooks/event_keys`) {
		t.Errorf("a wildcard is answered %s", r.Body)
	}
}

func TestRender_saysWhatAPlaceTakes(t *testing.T) {
	t.Parallel()

	p := protocol("")
	for path, want := range map[string]string{
		"/hooks": "GET, POST", "/hooks/": "GET, POST", "/hooks/8": "GET, PUT, DELETE", "/hooks/8/verify": "POST", "/hooks/event_keys": "GET",
	} {
		r := ask("PATCH", path, "", "")
		_, refusal := p.Parse(r)
		if answer := p.Render(r, subscription.Outcome{Refusal: refusal}); answer.Status != 405 || answer.Header.Get("Allow") != want {
			t.Errorf("%s takes %q (%d); want %q", path, answer.Header.Get("Allow"), answer.Status, want)
		}
	}
}

// hookOf is a subscription as the service gives it.
func hookOf(status subscription.Status) subscription.Subscription {
	return subscription.Subscription{
		External: "1", Dialect: "keap", Event: "contact.add", URL: "https://example.com/hook", Status: status,
		Challenge: "not-to-be-seen", Secrets: []subscription.Secret{{Value: "not-to-be-seen"}},
	}
}

func TestRender_isTheVendorsObject(t *testing.T) {
	t.Parallel()

	p := protocol("")
	for _, op := range []subscription.Operation{
		subscription.Get{}, subscription.Create{}, subscription.Change{}, subscription.Verify{}, subscription.Confirm{},
	} {
		r := p.Render(subscription.Request{}, subscription.Outcome{Operation: op, Subscriptions: []subscription.Subscription{hookOf(subscription.Active)}})
		if diff := cmp.Diff(decoded(t, sample(t, "resthook-object-constructed.json")), decoded(t, r.Body)); diff != "" || r.Status != 200 {
			t.Errorf("%T is answered %d (-vendor +ours):\n%s", op, r.Status, diff)
		}
	}
	for status, word := range map[subscription.Status]string{
		subscription.Pending: "Unverified", subscription.Active: "Verified", subscription.Disabled: "Inactive",
	} {
		r := p.Render(subscription.Request{}, subscription.Outcome{Operation: subscription.List{}, Subscriptions: []subscription.Subscription{hookOf(status)}})
		if want := `[{"key":"1","eventKey":"contact.add","hookUrl":"https://example.com/hook","status":"` + word + `"}]`; string(r.Body) != want {
			t.Errorf("list = %s; want %s", r.Body, want)
		}
	}
	if r := p.Render(subscription.Request{}, subscription.Outcome{Operation: subscription.List{}}); r.Status != 200 || string(r.Body) != "[]" {
		t.Errorf("an empty list = %d %s", r.Status, r.Body)
	}
	if r := p.Render(subscription.Request{}, subscription.Outcome{Operation: subscription.Delete{}}); r.Status != 204 || len(r.Body) != 0 {
		t.Errorf("delete = %d %s", r.Status, r.Body)
	}
}

func TestOffers_areAllThatRealListsHave(t *testing.T) {
	t.Parallel()

	c := event.NewCatalogue(keap.Dialect().Vendor)
	p := protocol("")
	offers := p.Offers(c)
	r := p.Render(subscription.Request{}, subscription.Outcome{Operation: subscription.Types{}, Offers: offers})
	if diff := cmp.Diff(decoded(t, sample(t, "event_keys-union.json")), decoded(t, r.Body)); diff != "" {
		t.Errorf("event keys (-vendor +ours):\n%s", diff)
	}
	var paths []string
	for _, o := range offers {
		k, fault := c.Find(o.Type, o.Action)
		if fault != nil {
			t.Fatal(fault)
		}
		paths = append(paths, k.Path())
	}
	for _, want := range []string{"Keap > contact / add", "Keap > contactGroup / applied", "Keap > invoice.payment / add"} {
		if !slices.Contains(paths, want) {
			t.Errorf("no event has the path %s", want)
		}
	}
}

func TestCompose_isABatchOfOne(t *testing.T) {
	t.Parallel()

	at := time.Date(2026, 6, 12, 9, 10, 55, 0, time.UTC)
	const api = "https://api.infusionsoft.com/crm/rest/v1"
	for _, tt := range []struct {
		name, event, api string
		data             map[string]any
		want             string
	}{
		{"an id that is a number", "contact.edit", api, map[string]any{"id": int64(123), "email": "contact@example.com"}, `{"event_key":"contact.edit","object_type":"contact","object_keys":[{"id":123,"apiUrl":"` + api + `/contacts/123","timestamp":"2026-06-12T09:10:55Z"}]}`},
		{"a time and an address of the event's own", "contact.add", api, map[string]any{"id": "12345", "apiUrl": api + "/contacts/12345", "timestamp": "2026-06-12T09:10:55.000Z"}, string(sample(t, "delivery-contact.add-thirdparty.json"))},
		{"no address is known", "contact.add", "", map[string]any{"id": int64(1)}, `{"event_key":"contact.add","object_type":"contact","object_keys":[{"id":1,"apiUrl":"","timestamp":"2026-06-12T09:10:55Z"}]}`},
		{"a type without a resource", "invoice.payment.add", api, map[string]any{"id": int64(1)}, `{"event_key":"invoice.payment.add","object_type":"invoice.payment","object_keys":[{"id":1,"apiUrl":"","timestamp":"2026-06-12T09:10:55Z"}]}`},
		{"a tag with its own members", "contactGroup.applied", "", map[string]any{"groupId": int64(5), "event_key": "x", "contacts": []any{int64(1)}}, `{"event_key":"contactGroup.applied","object_type":"contactGroup","object_keys":[{"groupId":5,"contacts":[1],"apiUrl":"","timestamp":"2026-06-12T09:10:55Z"}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			e := event.Event{Occurred: at, Data: map[string]any{"data": tt.data}}
			m, err := protocol(tt.api).Compose(&subscription.Subscription{Event: tt.event}, &e)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(decoded(t, []byte(tt.want)), decoded(t, m.Body)); diff != "" || m.Header["Content-Type"] != jsonType {
				t.Errorf("%s delivery (-want +got):\n%s", m.Header, diff)
			}
		})
	}
}

func TestCompose_needsAnObject(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		data any
		want string
	}{
		{nil, "has no id"},
		{map[string]any{}, "has no id"},
		{map[string]any{"id": ""}, "has no id"},
		{map[string]any{"groupId": int64(1)}, "has no id"},
		{map[string]any{"id": true}, "neither text nor a whole number"},
		{map[string]any{"id": 1.5}, "neither text nor a whole number"},
	} {
		m, err := protocol("").Compose(&subscription.Subscription{Event: "contact.add"}, &event.Event{Data: map[string]any{"data": tt.data}})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("data %v became %s, %v; want %q", tt.data, m.Body, err, tt.want)
		}
	}
}

func TestJoin_keepsEveryObjectInItsPlace(t *testing.T) {
	t.Parallel()

	join := protocol("").Traits().Batch.Join
	var bodies [][]byte
	for _, id := range []int64{3, 1, 3} {
		m, err := protocol("").Compose(&subscription.Subscription{Event: "contact.add"}, &event.Event{Data: map[string]any{"data": map[string]any{"id": id}}})
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, m.Body)
	}
	joined, err := join(bodies)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Event string `json:"event_key"`
		Keys  []struct {
			ID int64 `json:"id"`
		} `json:"object_keys"`
	}
	if err := json.Unmarshal(joined, &got); err != nil {
		t.Fatal(err)
	}
	if got.Event != "contact.add" || len(got.Keys) != 3 || got.Keys[0].ID != 3 || got.Keys[1].ID != 1 || got.Keys[2].ID != 3 {
		t.Errorf("joined = %s", joined)
	}
	if one, err := join(bodies[:1]); err != nil || string(one) != string(bodies[0]) {
		t.Errorf("one alone = %s, %v", one, err)
	}
	other, _ := protocol("").Compose(&subscription.Subscription{Event: "contact.edit"}, &event.Event{Data: map[string]any{"data": map[string]any{"id": int64(1)}}})
	for name, wrong := range map[string][][]byte{
		"two keys":         {bodies[0], other.Body},
		"what is no JSON":  {bodies[0], []byte("{")},
		"a thousand and 1": slices.Repeat(bodies[:1], 1001),
	} {
		if joined, err := join(wrong); err == nil {
			t.Errorf("%s are joined: %.100s", name, joined)
		}
	}
	if joined, err := join(slices.Repeat(bodies[:1], 1000)); err != nil || len(joined) == 0 {
		t.Errorf("a thousand are not joined: %v", err)
	}
}

// The vendor's published schedule, with the least and the most of its jitter.
func TestPolicy_isThePublishedOne(t *testing.T) {
	t.Parallel()

	policy := protocol("").Traits().Policy
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, jitter := range []float64{0, 0.999} {
		var health delivery.Health
		for number, least := range map[int][2]time.Duration{
			1: {30 * time.Second, time.Minute}, 2: {5 * time.Minute, 6 * time.Minute}, 3: {30 * time.Minute, 36 * time.Minute},
		} {
			d, _ := policy.Settle(health, delivery.Attempt{Number: number, Status: 500, Ended: now, Jitter: jitter})
			if wait := d.At.Sub(now); d.Step != delivery.Retry || wait < least[0] || wait > least[1] || d.Ending != delivery.Keep {
				t.Errorf("attempt %d is followed by %+v after %s", number, d, wait)
			}
		}
	}
	dialecttest.Settles(t, policy, []dialecttest.Try{
		{Name: "200", Attempt: delivery.Attempt{Number: 1, Status: 200}, Step: delivery.Delivered, Ending: delivery.Keep},
		{Name: "a redirect is a success", Attempt: delivery.Attempt{Number: 1, Status: 302}, Step: delivery.Delivered, Ending: delivery.Keep},
		{Name: "399", Attempt: delivery.Attempt{Number: 1, Status: 399}, Step: delivery.Delivered, Ending: delivery.Keep},
		{Name: "400 is none", Attempt: delivery.Attempt{Number: 1, Status: 400}, Step: delivery.Retry, Ending: delivery.Keep},
		{Name: "199 is none", Attempt: delivery.Attempt{Number: 1, Status: 199}, Step: delivery.Retry, Ending: delivery.Keep},
		{Name: "410 at once", Attempt: delivery.Attempt{Number: 1, Status: 410}, Step: delivery.Gone, Ending: delivery.Disable},
		{Name: "the fourth failure", Attempt: delivery.Attempt{Number: 4, Status: 500}, Step: delivery.GiveUp, Ending: delivery.Disable},
		{Name: "the fourth time-out", Attempt: delivery.Attempt{Number: 4, TimedOut: true}, Step: delivery.GiveUp, Ending: delivery.Disable},
	})
	if policy.Timeout != 30*time.Second {
		t.Errorf("an answer may take %s", policy.Timeout)
	}
}

func TestDialect_readsItsWindow(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]time.Duration{"1s": time.Second, "45s": 45 * time.Second, "0s": 0, "8m": 8 * time.Minute} {
		if got := keap.Dialect().New(subscription.Settings{"window": text}).Traits().Batch.Window; got != want {
			t.Errorf("window %s is %s; want %s", text, got, want)
		}
	}
}

// The vendor makes the first attempt of two keys later than of all others.
func TestDialect_gathersGroupsForLonger(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]time.Duration{"": 5 * time.Minute, "8m": 8 * time.Minute, "0s": 0} {
		settings := subscription.Settings{"window": "45s", "groups": text}
		batch := keap.Dialect().New(settings).Traits().Batch
		for key, want := range map[string]time.Duration{
			"contactGroup.applied": want, "contactGroup.delete": want, "contactGroup.removed": 45 * time.Second, "contact.add": 45 * time.Second,
		} {
			if got := batch.Wait(key); got != want {
				t.Errorf("with groups: %q, %s waits for %s; want %s", text, key, got, want)
			}
		}
	}
	dialect := keap.Dialect()
	if d := dialect.Defaults(); d["groups"] != "5m" || d["window"] != "1s" {
		t.Errorf("the defaults are %v", d)
	}
	for _, o := range dialect.Options {
		if o.Kind == subscription.DurationOption && o.Longest != 10*time.Minute {
			t.Errorf("%s may be %s", o.Name, o.Longest)
		}
	}
}

func FuzzJoin(f *testing.F) {
	f.Add([]byte(`{"event_key":"a","object_keys":[1]}`), []byte(`{"event_key":"a","object_keys":[2]}`))
	f.Add([]byte(`{}`), []byte(`[]`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		joined, err := protocol("").Traits().Batch.Join([][]byte{a, b})
		if err == nil && !json.Valid(joined) {
			t.Errorf("%s and %s become %s", a, b, joined)
		}
	})
}
