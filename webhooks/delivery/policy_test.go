package delivery_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hooktree/webhooks/delivery"
)

var ended = time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC)

func TestAFailingEndpointIsTriedEightTimesInAboutADay(t *testing.T) {
	t.Parallel()
	policy := delivery.Schedule()
	var waits []string
	now := ended
	for attempt := 1; ; attempt++ {
		next := policy.Next(delivery.Attempt{Number: attempt, Ended: now, Status: 503})
		if next.Step != delivery.Retry {
			if next.Step != delivery.GiveUp || !next.At.IsZero() || !strings.Contains(next.Reason, "503 Service Unavailable") {
				t.Errorf("the end is %+v, want to give up over the 503", next)
			}
			break
		}
		waits = append(waits, next.At.Sub(now).String())
		now = next.At
	}
	if got, want := strings.Join(waits, " "), "5s 30s 2m0s 10m0s 1h0m0s 6h0m0s 24h0m0s"; got != want {
		t.Errorf("waits are %s, want %s", got, want)
	}
}

func TestEachOutcomeHasItsStep(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		attempt delivery.Attempt
		want    delivery.Step
		wait    time.Duration
	}{
		{"200", delivery.Attempt{Number: 1, Status: 200}, delivery.Delivered, 0},
		{"204", delivery.Attempt{Number: 1, Status: 204}, delivery.Delivered, 0},
		{"299 on the last attempt", delivery.Attempt{Number: 8, Status: 299}, delivery.Delivered, 0},
		{"410", delivery.Attempt{Number: 1, Status: 410}, delivery.Gone, 0},
		{"410 on the last attempt", delivery.Attempt{Number: 8, Status: 410}, delivery.Gone, 0},
		{"a redirect is no delivery", delivery.Attempt{Number: 1, Status: 302}, delivery.Retry, 5 * time.Second},
		{"404 may be a deployment under way", delivery.Attempt{Number: 2, Status: 404}, delivery.Retry, 30 * time.Second},
		{"500", delivery.Attempt{Number: 3, Status: 500}, delivery.Retry, 2 * time.Minute},
		{"a status below 200", delivery.Attempt{Number: 1, Status: 101}, delivery.Retry, 5 * time.Second},
		{"no answer", delivery.Attempt{Number: 1, Err: "no such host"}, delivery.Retry, 5 * time.Second},
		{"the eighth failure", delivery.Attempt{Number: 8, Status: 500}, delivery.GiveUp, 0},
		{"refused by the guard", delivery.Attempt{Number: 1, Refused: true, Err: "private"}, delivery.GiveUp, 0},
		{"an attempt that cannot be", delivery.Attempt{Number: 0, Status: 500}, delivery.GiveUp, 0},
		{"full jitter adds a tenth", delivery.Attempt{Number: 4, Status: 500, Jitter: 1}, delivery.Retry, 11 * time.Minute},
		{"half jitter", delivery.Attempt{Number: 4, Status: 500, Jitter: 0.5}, delivery.Retry, 10*time.Minute + 30*time.Second},
		{"jitter out of range is held to it", delivery.Attempt{Number: 4, Status: 500, Jitter: 7}, delivery.Retry, 11 * time.Minute},
		{"negative jitter", delivery.Attempt{Number: 4, Status: 500, Jitter: -7}, delivery.Retry, 10 * time.Minute},
		{"asked to wait longer", delivery.Attempt{Number: 1, Status: 429, RetryAfter: "120"}, delivery.Retry, 2 * time.Minute},
		{"asked to wait shorter", delivery.Attempt{Number: 3, Status: 429, RetryAfter: "1"}, delivery.Retry, 2 * time.Minute},
		{"asked to wait for ever", delivery.Attempt{Number: 1, Status: 503, RetryAfter: "99999999999999999999"}, delivery.Retry, 24 * time.Hour},
		{"asked to wait until a time", delivery.Attempt{Number: 1, Status: 503, RetryAfter: "Thu, 31 Jan 2030 13:00:00 GMT"}, delivery.Retry, time.Hour},
		{"asked for nonsense", delivery.Attempt{Number: 1, Status: 503, RetryAfter: "soon"}, delivery.Retry, 5 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.attempt.Ended = ended
			next := delivery.Schedule().Next(tt.attempt)
			var wait time.Duration
			if !next.At.IsZero() {
				wait = next.At.Sub(ended)
			}
			if next.Step != tt.want || wait != tt.wait || next.Reason == "" {
				t.Errorf("got %q after %v (%s), want %q after %v", next.Step, wait, next.Reason, tt.want, tt.wait)
			}
		})
	}
}

func TestTheZeroPolicyTriesOnce(t *testing.T) {
	t.Parallel()
	next := delivery.Policy{}.Next(delivery.Attempt{Number: 1, Status: 500, Ended: ended})
	if next.Step != delivery.GiveUp {
		t.Errorf("got %q, want %q", next.Step, delivery.GiveUp)
	}
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	t.Parallel()
	tests := []struct {
		header string
		want   time.Duration
		ok     bool
	}{
		{"", 0, false},
		{"0", 0, true},
		{"  7 ", 7 * time.Second, true},
		{"-1", 0, false},
		{"+1", 0, false},
		{"1.5", 0, false},
		{"1e3", 0, false},
		{"٣", 0, false}, // digits of another script
		{"99999999999999999999999", 365 * 24 * time.Hour, true},
		{"Thu, 31 Jan 2030 12:00:10 GMT", 10 * time.Second, true},
		{"Thursday, 31-Jan-30 12:00:10 GMT", 10 * time.Second, true},
		{"Thu Jan 31 12:00:10 2030", 10 * time.Second, true},
		{"Thu, 31 Jan 2030 11:59:50 GMT", 0, true},
		{"Thu, 31 Jan 2930 12:00:00 GMT", 365 * 24 * time.Hour, true},
		{"2030-01-31T12:00:10Z", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.header, func(t *testing.T) {
			t.Parallel()
			got, ok := delivery.ParseRetryAfter(tt.header, ended)
			if got != tt.want || ok != tt.ok {
				t.Errorf("got %v, %t; want %v, %t", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func FuzzRetryAfterIsBounded(f *testing.F) {
	for _, seed := range []string{"5", "Thu, 31 Jan 2030 12:00:10 GMT", "-1", "", "9223372036854775808", "Thu, 31 Jan 9999 12:00:10 GMT"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		wait, ok := delivery.ParseRetryAfter(header, ended)
		if wait < 0 || wait > 365*24*time.Hour || !ok && wait != 0 {
			t.Errorf("%q gives %v, %t", header, wait, ok)
		}
		next := delivery.Schedule().Next(delivery.Attempt{Number: 1, Status: 503, Ended: ended, RetryAfter: header, Jitter: 0.999})
		if pause := next.At.Sub(ended); pause < 5*time.Second || pause > 27*time.Hour {
			t.Errorf("%q makes the next attempt wait %v", header, pause)
		}
	})
}

func ExamplePolicy_Next() {
	now := time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC)
	next := delivery.Schedule().Next(delivery.Attempt{Number: 2, Status: 503, Ended: now, RetryAfter: "60"})
	fmt.Println(next.Step, next.At.Sub(now))
	fmt.Println(next.Reason)

	// Output:
	// retry 1m0s
	// attempt 2 of 8 failed: the endpoint answered 503 Service Unavailable
}
