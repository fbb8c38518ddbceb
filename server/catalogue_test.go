package server_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/webhooks/event"
)

func TestCatalogue_listsOpenPlatformsWithWhatCame(t *testing.T) {
	t.Parallel()

	catalogue := event.NewCatalogue(event.Notices(),
		event.Platform{Name: "github", Open: &event.Open{Title: "GitHub", Example: "pull_request.opened"}},
		event.Platform{Name: "legacy", Open: &event.Open{Title: "Old desk"}},
		event.Platform{Name: "odd", Open: &event.Open{Title: "Odd", Example: "no > name"}},
	)
	h := open(t, func(_ *server.Config, s *server.Services, _ *[]server.Mount) {
		s.Catalogue = func() *event.Catalogue { return catalogue }
	})
	for i := range 200 {
		action := []string{"issues.opened", "push", "push"}[i%3]
		if i >= 100 {
			action = "of long ago"
		}
		h.history.latest = append(h.history.latest, jobs.EventRecord{Event: event.Event{Type: "github", Action: action, Path: "GitHub / " + action}})
	}
	got := h.do(accounts.Viewer, "GET", "/api/v1/catalogue", "")
	var told struct {
		Events []struct{ Platform string }
		Open   []server.OpenPlatform
	}
	if err := json.Unmarshal([]byte(got.body), &told); err != nil || got.status != 200 {
		t.Fatalf("%d %v: %s", got.status, err, got.body)
	}
	want := []server.OpenPlatform{
		{
			Platform: "github", Title: "GitHub", Scope: event.LevelSpace,
			Example: &server.OpenEvent{Action: "pull_request.opened", Path: "GitHub / pull_request.opened"},
			Seen:    []server.OpenEvent{{Action: "issues.opened", Path: "GitHub / issues.opened"}, {Action: "push", Path: "GitHub / push"}},
		},
		{Platform: "legacy", Title: "Old desk", Scope: event.LevelSpace, Seen: []server.OpenEvent{}},
		{Platform: "odd", Title: "Odd", Scope: event.LevelSpace, Seen: []server.OpenEvent{}},
	}
	if diff := cmp.Diff(want, told.Open); diff != "" {
		t.Errorf("open platforms (-want +got):\n%s", diff)
	}
	if len(told.Events) < 20 {
		t.Errorf("%d events are listed besides", len(told.Events))
	}
	h.history.err = jobs.ErrInvalid
	if got := h.do(accounts.Viewer, "GET", "/api/v1/catalogue", ""); got.status != 422 {
		t.Errorf("a history that refuses gave %d %s", got.status, got.body)
	}
}
