package registration_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hooktree/webhooks/source"
)

// A platform may end a token before its time.
func TestRefresh_replacesATokenThatIsRefused(t *testing.T) {
	t.Parallel()

	w := newWard(t)
	for _, tt := range []struct {
		name  string
		ended int // calls that the platform refuses
		calls int // exchanges, all in all
		fails string
	}{
		{"the first round", 0, 1, ""},
		{"a token that ended", 1, 2, ""},
		{"tokens that are refused for good", 100, 3, "is answered 401"},
	} {
		w.platform.ended = tt.ended
		if err := w.round(t); (err == nil) != (tt.fails == "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
			t.Errorf("%s: %v; want %q", tt.name, err, tt.fails)
		}
		if w.call.calls != tt.calls {
			t.Errorf("%s: %d exchanges; want %d", tt.name, w.call.calls, tt.calls)
		}
	}
}

// The refusal leads to an exchange whose own refusal tells what to do.
func TestRefresh_tellsWhatATokenThatIsRefusedCannotBeReplacedBy(t *testing.T) {
	t.Parallel()

	w := newWard(t)
	if err := w.round(t); err != nil {
		t.Fatal(err)
	}
	w.platform.ended, w.call.good = 1, "elsewhere"
	if err := w.round(t); err == nil || !strings.Contains(err.Error(), "is answered 401") || !strings.Contains(err.Error(), "let the application in again") {
		t.Errorf("error = %v; want both refusals", err)
	}
}

func TestReconcile_replacesAClientsTokenThatIsRefused(t *testing.T) {
	t.Parallel()

	p, of := registered(t, source.Accelo, "assign_task")
	given := 0
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		given++
		access := "the-token"
		if given == 1 {
			access = "one that ends at once"
		}
		fmt.Fprintf(w, `{"access_token":%q,"expires_in":3600}`, access)
	}))
	t.Cleanup(tokens.Close)
	of.Register.TokenURL = tokens.URL
	if _, err := planOf(t, of).Reconcile(t.Context()); err != nil || given != 2 || len(p.hooks) != 1 {
		t.Errorf("error = %v, with %d tokens and the subscriptions %v; want the second token to do", err, given, p.hooks)
	}
}

func TestReconcile_refusesAnAnswerWithoutEnd(t *testing.T) {
	t.Parallel()

	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, "[%s]", strings.Repeat(" ", 5<<20))
	}))
	t.Cleanup(s.Close)
	_, of := registered(t, source.Keap, "contact.add")
	of.Register.API = s.URL
	if _, err := planOf(t, of).Reconcile(t.Context()); err == nil || !strings.Contains(err.Error(), "larger than 4 MiB") {
		t.Errorf("error = %v; want how much is read", err)
	}
}
