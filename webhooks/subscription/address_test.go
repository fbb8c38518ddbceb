package subscription_test

import (
	"slices"
	"testing"

	"hooktree/webhooks/subscription"
)

func TestSubscription_hides_what_its_query_says(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		name, url, shown string
		hidden           []string
	}{
		{"no query", "https://shop.example.com/hook/7", "https://shop.example.com/hook/7", nil},
		{"an empty query", "https://shop.example.com/hook?", "https://shop.example.com/hook?", nil},
		{"a token", "https://shop.example.com/?token=Unguessable", "https://shop.example.com/?token=•••", []string{"Unguessable"}},
		{"a token without a name", "https://shop.example.com/?Unguessable", "https://shop.example.com/?•••", []string{"Unguessable"}},
		{
			"several members", "https://shop.example.com/in?site=7&token=a%20long%20one&x=&=Unguessable&",
			"https://shop.example.com/in?site=•••&token=•••&x=•••&=•••&•••",
			[]string{"a%20long%20one", "a long one", "Unguessable"},
		},
		{"a question in the query", "https://shop.example.com/?q=what?now=then", "https://shop.example.com/?q=•••", []string{"what?now=then"}},
		{"seven characters and eight", "https://shop.example.com/?a=1234567&b=12345678", "https://shop.example.com/?a=•••&b=•••", []string{"12345678"}},
		{"a broken escape", "https://shop.example.com/?a=broken%zzescape", "https://shop.example.com/?a=•••", []string{"broken%zzescape"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			s := subscription.Subscription{URL: tt.url}
			if got := s.Address(); got != tt.shown {
				t.Errorf("it is shown as %s; want %s", got, tt.shown)
			}
			if got := s.Hidden(); !slices.Equal(got, tt.hidden) {
				t.Errorf("hidden are %q; want %q", got, tt.hidden)
			}
		})
	}
}
