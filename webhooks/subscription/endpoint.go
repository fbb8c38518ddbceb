package subscription

// Endpoint is what a worker needs to know of a subscription to send to it now.
type Endpoint struct {
	Subscription

	Traits Traits
}
