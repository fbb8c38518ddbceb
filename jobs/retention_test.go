package jobs_test

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"hooktree/jobs"
)

func TestKeeper_Run_removesEverythingThatIsOldAndThenWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := build(t, pureTree)
		h.config = func(c *jobs.Config) { c.Now = time.Now }
		h.start()
		for range 250 {
			h.fire()
		}
		<-time.After(time.Hour)
		kept := h.fire()

		k := jobs.Keeper{Ledger: h.store, Keep: jobs.Retention{Age: 90 * time.Minute}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
		go k.Run(t.Context())
		synctest.Wait()
		if n := h.count(); n != 251 {
			t.Errorf("%d events are left at once; want all 251", n)
		}
		<-time.After(time.Hour)
		synctest.Wait()
		if n := h.count(); n != 1 {
			t.Errorf("%d events are left after an hour; want the last", n)
		}
		if _, err := h.store.Event(t.Context(), kept.EventID); err != nil {
			t.Errorf("the kept event gave %v", err)
		}
	})
}

func (h *house) count() (n int) {
	h.t.Helper()
	counts, err := h.store.Count(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range counts.Jobs {
		n += int(c)
	}
	return n
}
