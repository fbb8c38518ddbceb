// Package delivery decides what becomes of a webhook's delivery to a URL and
// of the endpoint behind it, and signs what is sent. It sends nothing, stores
// nothing, waits for nothing, and knows neither a clock nor chance.
//
// After each attempt the caller asks the policy:
//
//	next, health := policy.Settle(health, delivery.Attempt{
//		Number: 1, Status: 503, Ended: now, Jitter: rand.Float64(),
//	})
//
// The decision says what becomes of the delivery ([Step]) and of the endpoint
// ([Ending]); the health is what to keep of the endpoint until the next
// attempt. Where there is no endpoint to keep, as for the URL webhooks of an
// admin, [Policy.Next] decides by the delivery alone.
//
// # How a delivery ends
//
// A status in [Policy.Success] is a delivery. A status in [Policy.Endings] ends
// it, and so does 410, by which an endpoint says that it is gone. A request
// that the address guard refused is given up at once, since only an operator
// can change that. Everything else, from a name that does not resolve to any
// other status, redirects included, is tried again after the waits of the
// policy; under [Policy.Once] only what no answer came to is. Every wait is
// stretched by jitter, so that what failed together does not come back
// together. A Retry-After that asks for more than the schedule is kept, up to
// [Policy.MaxRetryAfter].
//
// [Schedule] is the policy of URL webhooks: 5 s, 30 s, 2 min, 10 min, 1 h, 6 h
// and 24 h, each stretched by up to a tenth, are eight attempts in about 31
// hours. The policies of REST hooks are their dialects'.
//
// # How an endpoint ends
//
// It is disabled or deleted, as its policy says, by a status at once, by a
// delivery whose last attempt failed, by time-outs in a row, or by failing for
// long; of several that are due the strongest counts. A deleted endpoint ends
// its delivery, too. A delivery to a disabled one keeps its retry, which the
// caller holds until the endpoint is enabled again.
//
// Before that, [Breaker] spares an endpoint that fails: while [Health.Open]
// nothing is sent to it, then one attempt is let through. From the first
// failure until the next success it is [Health.Degraded].
//
// # Duties of the caller
//
//  1. Settle the attempts of one endpoint one after the other, each with the
//     health that the one before gave, and save health and decision together.
//  2. Before an attempt ask [Health.Open]. One that an open circuit holds back
//     waits until Health.OpenUntil; it was none, so it is not settled and its
//     number is not used up.
//  3. Have one attempt at a time under way while [Health.Degraded].
//  4. Bound an attempt by [Policy.Timeout] and say so in Attempt.TimedOut.
//  5. Give an endpoint that is enabled again the zero Health. Its old one would
//     end it at its next failure.
//
// # Signatures
//
// [Sign] makes the headers that prove where a delivery comes from, and
// [NewStandardSecret] and [NewStandardPair] the secrets for it. The Verify
// functions check the same proofs on what comes in, in constant time:
//
//   - Kinetic: [VerifyKinetic].
//   - A hexadecimal HMAC-SHA256 in a header of choice: [VerifyHMAC].
//   - X-Hub-Signature of PubSubHubbub and WebSub: [VerifyHub].
//   - Standard Webhooks, v1 by a shared secret and v1a by a key pair:
//     [Standard.Verify].
//
// While a secret is rotated all its values are given. Standard Webhooks signs
// with each; the other ways have room for one and sign with the newest.
//
// A signature has one spelling: hexadecimal in lower case, base64 with the
// alphabet, padding and trailing bits that the encoder gives. Another spelling
// of the same bytes is refused, so that no bit of a message can be changed.
package delivery
