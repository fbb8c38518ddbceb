package expression

import "strings"

// Fault is something wrong at one place of a text: found by Compile or
// Template, or met by Eval.
type Fault struct {
	Offset  int    // where it begins, in bytes of the whole text
	Length  int    // how many bytes it spans; zero at the end of the text
	Message string // what is wrong
	Hint    string // what to do about it; may be empty
}

// Error gives the message and the hint in one line.
func (f *Fault) Error() string {
	if f.Hint == "" {
		return f.Message
	}
	return f.Message + " (" + f.Hint + ")"
}

// Faults are all faults of one text, in the order of the text. It is the error
// of Compile and Template.
type Faults []*Fault

// Error gives one line a fault.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets [errors.As] find a [Fault].
func (fs Faults) Unwrap() []error {
	errs := make([]error, len(fs))
	for i, f := range fs {
		errs[i] = f
	}
	return errs
}
