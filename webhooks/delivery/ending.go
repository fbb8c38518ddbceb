package delivery

// Ending is what becomes of an endpoint. Whoever keeps the endpoint carries it
// out: by disabling a subscription, or by deleting it.
type Ending string

// The endings, from the weakest.
const (
	Keep    Ending = ""        // nothing: it goes on
	Disable Ending = "disable" // it gets nothing until somebody enables it again
	Delete  Ending = "delete"  // it is forgotten
)

// stronger gives the ending that leaves less of the endpoint.
func (e Ending) stronger(other Ending) Ending {
	if e == Delete || other == Keep {
		return e
	}
	return other
}

// clause says an ending in a sentence about the endpoint.
func (e Ending) clause() string {
	switch e {
	case Disable:
		return "the endpoint is disabled"
	case Delete:
		return "the endpoint is deleted"
	}
	return ""
}
