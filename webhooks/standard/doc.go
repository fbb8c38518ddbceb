// Package standard is hooktree's own dialect of REST hooks: the patterns of
// resthooks.org and what Zapier expects of an API with REST hooks, signed by
// Standard Webhooks, with CloudEvents as payload. It offers every event of the
// catalogue, those of a space's own events/*.yaml without any code.
//
//	POST   /api/v1/hooks               {"event":"submission.submitted","target_url":"https://..."}: 201, with the id and the secret
//	GET    /api/v1/hooks               the caller's hooks
//	GET    /api/v1/hooks/{id}          one
//	PATCH  /api/v1/hooks/{id}          change it; {"status":"active"} enables it again. PUT does the same
//	DELETE /api/v1/hooks/{id}          204
//	GET    /api/v1/hooks/events        what can be subscribed to
//	GET    /api/v1/hooks/samples       ?event=submission.submitted: an array of payloads, the latest first
//	POST   /api/v1/hooks/{id}/test     deliver a sample now, and answer with the endpoint's status
//	POST   /api/v1/hooks/{id}/rotate   another secret; both sign for a day
//	POST   /api/v1/hooks/{id}/replay   {"from":...,"to":...}: send again what was held or failed
//
// Deliveries are signed by a secret (v1); {"signature":"v1a"} has a pair of
// keys sign, whose public key the hook shows.
//
// An endpoint that answers 410 is unsubscribed, as Zapier asks of APIs. No
// endpoint is asked to confirm itself: Zapier's cannot.
//
// The package is pure: it neither stores nor sends.
package standard
