// Package egress is the one place that dials out.
//
// A [Gate] makes HTTP clients and raw connections that reach public addresses
// and whatever an operator lets through, and nothing else:
//
//	gate, err := egress.New(egress.Config{Allow: prefixes})
//	client := gate.Client()
//
// The address is checked at the moment of dialing, after the name was resolved,
// so a name that points inward, or that changes its mind between a check and a
// dial, gains nothing. Hosts in odd spellings are refused before that. Bodies
// of answers are bounded, redirects are not followed, proxies named by the
// environment are ignored, and TLS certificates are always verified.
//
// The package decides nothing about what an answer means or when to try again:
// that is delivery's. It classes errors ([Classify]) so that others can.
package egress
