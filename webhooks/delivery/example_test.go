package delivery_test

import (
	"fmt"
	"time"

	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
)

// An endpoint that hangs is left alone for a while, and deleted when it goes on.
func ExamplePolicy_Settle() {
	policy := delivery.Policy{
		Waits:    []time.Duration{time.Minute, time.Minute, time.Minute},
		Timeouts: 3, TimedOut: delivery.Delete,
		Breaker: delivery.Breaker{Failures: 2, Pauses: []time.Duration{10 * time.Minute}},
	}
	var health delivery.Health // kept with the subscription
	now := time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC)
	for number := 1; ; number++ {
		if health.Open(now) {
			now = health.OpenUntil
		}
		var next delivery.Decision
		next, health = policy.Settle(health, delivery.Attempt{Number: number, TimedOut: true, Ended: now})
		fmt.Printf("%s: %s\n", next.Step, next.Reason)
		if next.Step != delivery.Retry {
			fmt.Println("ending:", next.Ending)
			return
		}
		now = next.At
	}

	// Output:
	// retry: attempt 1 of 4 failed: no answer came in time
	// retry: attempt 2 of 4 failed: no answer came in time; after 2 failures in a row nothing is sent there until 2030-01-31T12:11:00Z
	// give up: attempt 3 of 4 failed: no answer came in time; the endpoint is deleted: it timed out 3 times in a row
	// ending: delete
}

// While a secret is rotated, a receiver may know either.
func ExampleSign() {
	fresh, old := "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	message := delivery.Message{ID: "msg_1", At: time.Unix(1614265330, 0), Body: []byte(`{"test": 1}`)}
	header, err := delivery.Sign(webhooks.Auth{Kind: webhooks.AuthStandard}, [][]byte{[]byte(fresh), []byte(old)}, message)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, secret := range []string{fresh, old, "whsec_AAAA"} {
		receiver, err := delivery.NewStandard([][]byte{[]byte(secret)})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(receiver.Verify(header, message.Body, message.At))
	}

	// Output:
	// <nil>
	// <nil>
	// the signature fits none of the secrets
}
