package server

import (
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Time is a time as the API shows it: RFC 3339 in UTC with milliseconds. The
// zero time is left out of an answer (`omitzero`).
type Time struct{ time.Time }

const timeLayout = "2006-01-02T15:04:05.000Z"

// MarshalJSON writes the time to the millisecond.
func (t Time) MarshalJSON() ([]byte, error) {
	return t.UTC().AppendFormat(nil, `"`+timeLayout+`"`), nil
}

// MarshalText writes the time to the millisecond.
func (t Time) MarshalText() ([]byte, error) {
	return t.UTC().AppendFormat(nil, timeLayout), nil
}

// Schema describes the time in the OpenAPI document.
func (Time) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Examples: []any{"2026-03-01T12:00:00.000Z"}}
}
