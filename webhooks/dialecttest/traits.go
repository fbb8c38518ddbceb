package dialecttest

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/subscription"
)

// maxAttempts is more than any schedule has.
const maxAttempts = 100

// policyEnds plays deliveries to endpoints that always answer the same.
func policyEnds(d *Dialect, f *faults) {
	traits := d.protocol().Traits()
	p := traits.Policy
	if p.Timeout < 0 || p.Stretch < 0 || p.Stretch > 1 || p.MaxRetryAfter < 0 {
		f.add("the policy has a time below zero, or stretches waits to more than twice: %+v", p)
	}
	for i, wait := range p.Waits {
		if wait <= 0 || i > 0 && wait < p.Waits[i-1] {
			f.add("wait %d is %v: waits are longer than nothing, and do not get shorter", i+1, wait)
		}
	}
	if traits.Auth.Secret != "" || traits.NewSecret && traits.Auth.Kind == webhooks.AuthNone {
		f.add("the traits name a secret, or make one that nothing is signed by")
	}
	succeeded := false
	for status := range 600 {
		step, attempts := played(p, status)
		switch {
		case step == delivery.Retry:
			f.add("an endpoint that always answers %d is tried for ever", status)
		case step == delivery.Delivered:
			succeeded = true
		case status == http.StatusGone && attempts > 1:
			f.add("an endpoint that is gone (410) is tried %d times", attempts)
		}
	}
	if !succeeded {
		f.add("no answer is a success")
	}
	if step, _ := played(p, http.StatusOK); step != delivery.Delivered {
		f.add("an answer of 200 is no success but %q", step)
	}
}

// played gives the last step of a delivery whose attempts all end the same, and
// after how many: an attempt without a status timed out.
func played(p delivery.Policy, status int) (delivery.Step, int) {
	now := received
	var health delivery.Health
	for n := 1; n <= maxAttempts; n++ {
		var d delivery.Decision
		d, health = p.Settle(health, delivery.Attempt{
			Number: n, Ended: now, Status: status, TimedOut: status == 0, Jitter: 0.5, RetryAfter: "100000",
		})
		if d.Step != delivery.Retry {
			return d.Step, n
		}
		if d.At.Before(now) {
			return d.Step, n // it would be tried at once for ever
		}
		now = d.At
	}
	return delivery.Retry, maxAttempts
}

// joins looks at batches.
func joins(d *Dialect, f *faults) {
	b := d.protocol().Traits().Batch
	if (b.Max > 1) != (b.Join != nil) || (b.Max > 1) != (b.Window > 0) || b.Window > time.Hour || b.Max < 0 {
		f.add("the batch is of at most %d events within %v: more than one needs a window and Join, and nothing else has them", b.Max, b.Window)
	}
	keys := map[string]bool{}
	for _, o := range d.protocol().Offers(d.catalogue()) {
		keys[o.Key] = true
	}
	for key, window := range b.Windows {
		if !keys[key] || window <= 0 || window > time.Hour {
			f.add("the batch of %s is of what happens within %v: the event is not offered, or the window is none", key, window)
		}
	}
	if b.Join == nil {
		return
	}
	for _, m := range d.messages(f) {
		for _, n := range []int{1, 2, b.Max} {
			if err := d.joins(b, m, n); err != nil {
				f.add("a batch of %d %s: %v", n, m.offer.Key, err)
			}
		}
	}
	for _, bodies := range [][][]byte{nil, {nil}, {[]byte("{")}, {[]byte("null"), []byte("[]")}} {
		if _, err := join(b.Join, bodies); err == nil {
			f.add("a batch of %q is joined, although it is of no deliveries", bodies)
		}
	}
}

// joins puts a delivery into a batch several times.
func (d *Dialect) joins(b subscription.Batch, m message, n int) error {
	bodies := make([][]byte, n)
	for i := range bodies {
		bodies[i] = bytes.Clone(m.message.Body)
	}
	joined, err := join(b.Join, bodies)
	switch {
	case err != nil:
		return err
	case n == 1 && !bytes.Equal(joined, m.message.Body):
		return fmt.Errorf("one alone becomes %.200s", joined)
	}
	return d.joined(m, joined, n)
}

func join(by func([][]byte) ([]byte, error), bodies [][]byte) (joined []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("join panics: %v", p)
		}
	}()
	return by(bodies)
}

// joined wants a batch to tell all that was put into it.
func (d *Dialect) joined(m message, body []byte, n int) error {
	batch := m.message
	batch.Body = body
	if err := ofType(batch.Header["Content-Type"], body); err != nil {
		return err
	}
	got, err := d.Told(batch)
	if err != nil {
		return err
	}
	if len(got) != n {
		return fmt.Errorf("receivers read %d events of it", len(got))
	}
	return nil
}
