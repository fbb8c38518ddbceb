package subscription

// Caller is who asks for an operation. It sees and changes the subscriptions
// of its owner in the dialect, and no others.
type Caller struct {
	Dialect    string
	Owner      Owner
	Name       string // for the audit
	Credential string // "token:ID"
	// All lets an operator of ours see and change everybody's.
	All bool
}
