package kinetic

import (
	"fmt"
	"strings"
)

// Fault says why a definition was refused, or why its filter or URL could not
// be evaluated for an event.
type Fault struct {
	Member  string // of the definition: "filter", "url", "type", ...
	Offset  int    // in bytes of the member's text
	Length  int    // in bytes; zero when the whole member is meant
	Message string
	Hint    string
}

// Error gives place, message and hint in one line.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Member)
	if f.Length > 0 {
		fmt.Fprintf(&b, ":%d", f.Offset+1)
	}
	b.WriteString(": " + f.Message)
	if f.Hint != "" {
		b.WriteString(" (" + f.Hint + ")")
	}
	return b.String()
}

// Faults are all reasons to refuse one definition.
type Faults []*Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets [errors.As] reach each fault.
func (fs Faults) Unwrap() []error {
	errs := make([]error, len(fs))
	for i, f := range fs {
		errs[i] = f
	}
	return errs
}
