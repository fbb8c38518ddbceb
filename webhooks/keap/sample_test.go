package keap_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

func TestOffers_haveTheKeysOfEachListInItsOrder(t *testing.T) {
	t.Parallel()

	var offered []string
	for _, o := range protocol("").Offers(nil) {
		offered = append(offered, o.Key)
	}
	for _, name := range []string{"event_keys-2018-novaksolutions.json", "event_keys-recent-app.json"} {
		var listed []string
		if err := json.Unmarshal(sample(t, name), &listed); err != nil {
			t.Fatal(err)
		}
		ours := slices.DeleteFunc(slices.Clone(offered), func(key string) bool { return !slices.Contains(listed, key) })
		if diff := cmp.Diff(listed, ours); diff != "" || len(listed) == 0 {
			t.Errorf("%s (-listed +ours):\n%s", name, diff)
		}
	}
}

// The sample leaves its time out: it holds any text in its place.
func TestCompose_isTheVendorsEdit(t *testing.T) {
	t.Parallel()

	e := event.Event{Data: map[string]any{"data": map[string]any{"id": int64(123), "timestamp": "..."}}}
	m, err := protocol("https://api.infusionsoft.com/crm/rest/v1").Compose(&subscription.Subscription{Event: "contact.edit"}, &e)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decoded(t, sample(t, "delivery-contact.edit-thirdparty.json")), decoded(t, m.Body)); diff != "" {
		t.Errorf("delivery (-vendor +ours):\n%s", diff)
	}
}
