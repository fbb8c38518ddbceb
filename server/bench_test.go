package server_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/store/memory"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// What the server itself costs an event, with an intake that does nothing.
func BenchmarkPostEvents(b *testing.B) {
	people := accounts.New(&memory.Accounts{}, time.Now, nil)
	secret, _, err := people.CreateToken(context.Background(), accounts.Identity{}, accounts.TokenRequest{Name: "b", Role: accounts.Operator})
	if err != nil {
		b.Fatal(err)
	}
	catalogue := event.NewCatalogue()
	s, err := server.New(server.Config{Now: time.Now, Log: slog.New(slog.DiscardHandler)}, server.Services{
		Accounts: people, Intake: idle{}, Catalogue: func() *event.Catalogue { return catalogue },
	})
	if err != nil {
		b.Fatal(err)
	}
	handler := s.Handler()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			var ctx fasthttp.RequestCtx
			ctx.Request.Header.SetMethod("POST")
			ctx.Request.SetRequestURI("http://x/api/v1/events")
			ctx.Request.Header.SetContentType("application/json")
			ctx.Request.Header.Set("Authorization", "Bearer "+secret)
			ctx.Request.SetBodyString(submitted)
			if handler(&ctx); ctx.Response.StatusCode() != 202 {
				b.Errorf("POST = %d %s", ctx.Response.StatusCode(), ctx.Response.Body())
			}
		}
	})
}

// idle accepts everything and keeps nothing.
type idle struct{}

func (idle) Accept(_ context.Context, events []event.Event) ([]jobs.Receipt, error) {
	return []jobs.Receipt{{
		EventID: "019541d2-0000-7000-8000-000000000001", Path: events[0].Path,
		Jobs:     []jobs.JobRef{{ID: "019541d2-0000-7000-8000-000000000002", Webhook: events[0].Path, Tree: "S :: G :: N", Run: 7}},
		Verdicts: []webhooks.Verdict{{Webhook: events[0].Path, Outcome: webhooks.Fired, Reason: "it matches"}},
	}}, nil
}

func (idle) Await(context.Context, string) (jobs.Reply, error) { return jobs.Reply{}, nil }
