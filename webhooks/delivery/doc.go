// Package delivery decides what becomes of a webhook's delivery to a URL, and
// signs what is sent.
//
// After each attempt the caller asks the policy, which knows neither a clock
// nor chance:
//
//	next := delivery.Schedule().Next(delivery.Attempt{
//		Number: 1, Status: 503, Ended: now, Jitter: rand.Float64(),
//	})
//
// [Sign] makes the headers that prove where a delivery comes from; the Verify
// functions check the same proofs on what comes in. The package sends nothing,
// stores nothing and waits for nothing.
//
// # How a delivery ends
//
// An answer of 2xx is a delivery. 410 says that the endpoint is gone: it is
// never tried again. A request that the address guard refused is given up at
// once, since only an operator can change that. Everything else, from a name
// that does not resolve to any other status, redirects included, is tried again
// 5 s, 30 s, 2 min, 10 min, 1 h, 6 h and 24 h after the attempt before: eight
// attempts in about 31 hours. Every wait is stretched by up to a tenth, so that
// what failed together does not come back together. A Retry-After that asks for
// more than the schedule is kept, up to 24 h.
package delivery
