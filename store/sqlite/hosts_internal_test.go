package sqlite

import (
	"fmt"
	"testing"
	"time"

	"hooktree/jobs"
)

// BenchmarkDue_besideBusyHosts measures Due beside hosts that have enough, with
// much that waits for them, and with none.
func BenchmarkDue_besideBusyHosts(b *testing.B) {
	for _, hosts := range []int{0, 1, 100} {
		b.Run(fmt.Sprint(hosts), func(b *testing.B) {
			const length = 100_000
			s := openPlain(b)
			now := time.UnixMilli(1_800_000_000_000)
			var busy []string
			for n := range hosts {
				busy = append(busy, fmt.Sprintf("dead%d.example.com", n))
			}
			err := s.writer.insist(b.Context(), func(t *tx) error {
				for i := range length {
					if hosts == 0 {
						break
					}
					w := jobs.Work{ID: fmt.Sprintf("%08d", i), Kind: jobs.WorkDelivery, JobID: "j", Due: now, Host: busy[i%hosts]}
					if err := t.addWork([]jobs.Work{w}); err != nil {
						return err
					}
				}
				return t.addWork([]jobs.Work{{ID: "other", Kind: jobs.WorkDelivery, Host: "lives.example.com", Due: now}})
			})
			if err != nil {
				b.Fatal(err)
			}
			q := jobs.DueQuery{Now: now, Limit: 64, Busy: busy}
			for b.Loop() {
				work, _, err := s.Due(b.Context(), q)
				if err != nil || len(work) != 1 {
					b.Fatalf("Due = %d pieces, %v", len(work), err)
				}
			}
		})
	}
}
