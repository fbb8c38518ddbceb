package jobs

import (
	"fmt"
	"time"
)

// Waiting says why work for the host of a URL waits, or may have to: a
// sentence, empty where there is no reason.
func (w *Worker) Waiting(url string) string {
	host := hostOf(url)
	if host == "" {
		return ""
	}
	return w.seats.waiting(host, w.Runner.Now())
}

func (s *seats) waiting(host string, now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[destination{host: host}]
	if l == nil {
		return ""
	}
	shares, free := s.shares, s.shares.allow(l.standing(now), l.under == 0)
	switch {
	case l.failing:
		return l.silence(host, &shares)
	case l.full():
		return fmt.Sprintf("%s has %d requests under way, as many as a host may have", host, l.under)
	case !free:
		return fmt.Sprintf("%s waits until one of %d requests has ended that are under way elsewhere", host, shares.all()-l.under)
	}
	return ""
}

// silence says of a host that does not answer how it is tried.
func (l *line) silence(host string, s *shares) string {
	since := l.health.Since.UTC().Format(time.RFC3339)
	text := fmt.Sprintf("%s has not answered since %s (%s in a row)", host, since, counted(l.health.Failures, "attempt"))
	if s.suspects > s.half() {
		return fmt.Sprintf("%s: it is tried in turn with %d others that do not answer, until it does", text, s.suspects-1)
	}
	return fmt.Sprintf("%s: at most %s at a time until it does", text, counted(l.most, "request"))
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
