package egress

import (
	"fmt"
	"strings"
)

// Refused is a request that the gate did not let out. Nothing was sent, and
// trying again changes nothing until somebody edits the URL or the allow-list.
type Refused struct {
	Host    string // as the URL spells it
	Address string // the address that was about to be dialed; empty when the URL alone was at fault
	Reason  string
	Hint    string // what to do about it
}

func (r *Refused) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "refused to connect to %q", r.Host)
	if r.Address != "" && r.Address != r.Host {
		fmt.Fprintf(&text, " (%s)", r.Address)
	}
	fmt.Fprintf(&text, ": %s; %s", r.Reason, r.Hint)
	return text.String()
}
