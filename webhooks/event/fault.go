package event

import (
	"strconv"
	"strings"
)

// Code says what is wrong with an event that was refused. Programs read it;
// it never changes for a fault that stays the same.
type Code string

// The codes. Those up to CodeTooLong say that the body is not what it claims
// to be (HTTP 400); the others that it was read and means nothing here (422).
const (
	CodeMalformed Code = "malformed_json"
	CodeDuplicate Code = "duplicate_key"
	CodeUTF8      Code = "invalid_utf8"
	CodeTooDeep   Code = "too_deep"
	CodeTooLong   Code = "too_many_events"

	CodeWrongType       Code = "wrong_type"
	CodeMissing         Code = "missing_member"
	CodeMissingScope    Code = "missing_scope"
	CodeUnknownType     Code = "unknown_type"
	CodeUnknownAction   Code = "unknown_action"
	CodeUnknownPlatform Code = "unknown_platform"
	CodeUnknownName     Code = "unknown_name"
	CodeReserved        Code = "reserved_platform"
	CodeUnsupported     Code = "unsupported"
)

// Unreadable reports whether the code speaks of the body's form rather than of
// what it says.
func (c Code) Unreadable() bool {
	switch c {
	case CodeMalformed, CodeDuplicate, CodeUTF8, CodeTooDeep, CodeTooLong:
		return true
	default:
		return false
	}
}

// Fault is one reason to refuse an event, with its place.
type Fault struct {
	Code        Code     `json:"code"`
	Pointer     string   `json:"pointer"`               // RFC 6901; empty for the whole body
	Text        string   `json:"text"`                  // what is wrong, for people
	Hint        string   `json:"hint,omitempty"`        // what to do about it
	Suggestions []string `json:"suggestions,omitempty"` // the nearest known names, best first
	Line        int      `json:"line,omitempty"`        // counted from one; zero when the body could be read
	Column      int      `json:"column,omitempty"`      // in bytes, counted from one
}

// Error makes one fault usable as an error.
func (f *Fault) Error() string {
	var b strings.Builder
	if f.Line > 0 {
		b.WriteString(strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column) + ": ")
	}
	if f.Pointer != "" {
		b.WriteString(f.Pointer + ": ")
	}
	b.WriteString(f.Text)
	if f.Hint != "" {
		b.WriteString("; " + f.Hint)
	}
	return b.String()
}

// Refusal is the error of a request whose events were refused: all of them,
// for all of these faults, at most one for each event.
type Refusal struct {
	Faults []*Fault
}

func (r *Refusal) Error() string {
	text := r.Faults[0].Error()
	if more := len(r.Faults) - 1; more > 0 {
		text += " (and " + strconv.Itoa(more) + " more)"
	}
	return text
}

// Unwrap lets [errors.As] reach the faults.
func (r *Refusal) Unwrap() []error {
	errs := make([]error, len(r.Faults))
	for i, f := range r.Faults {
		errs[i] = f
	}
	return errs
}

// under moves a fault below a member of a list or a mapping.
func (f *Fault) under(segment string) *Fault {
	f.Pointer = "/" + escapePointer.Replace(segment) + f.Pointer
	return f
}

var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")
