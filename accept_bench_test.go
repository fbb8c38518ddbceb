package main

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"hooktree/webhooks/event"
)

// BenchmarkAccept takes events of 1 kB from their bytes to the commit of their
// finished runs, by 64 senders, without HTTP.
func BenchmarkAccept(b *testing.B) {
	for name, form := range map[string]string{"W1": "laptop-request", "W2": "long-request"} {
		b.Run(name, func(b *testing.B) {
			a, err := newApp(b.Context(), Config{
				Space: "bench/space", Data: b.TempDir(), AdminPassword: "a password", WriterQueue: 4096,
			}, slog.New(slog.DiscardHandler), dialects())
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = a.store.Close() })
			var n atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					body := fmt.Appendf(nil, `{"event":{"type":"Submission","action":"Submitted"},"kapp":{"slug":"services"},"form":{"slug":%q},`+
						`"submission":{"id":"s-%d"},"values":{"Quantity":2,"Cost":1500.5,"Model":"X1","Reason":"%0800d"}}`, form, n.Add(1), 1)
					e, err := event.Parse(body, a.rules.Catalogue(), time.Now())
					if err != nil {
						b.Fatal(err)
					}
					if _, err := a.runner.Accept(b.Context(), []event.Event{e}); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
