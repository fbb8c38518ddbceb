package server

import (
	"encoding/base64"
	"unicode/utf8"
)

// Body is a stored request's or response's body: its text, or base64 of it
// where it is no text.
type Body struct {
	Text     string `json:"text" doc:"The body; base64 when encoding says so"`
	Encoding string `json:"encoding,omitempty" enum:"base64" doc:"Left out for text"`
	Cut      bool   `json:"cut,omitempty" doc:"The body was longer than what is kept"`
}

// newBody gives nil for a body that is not there.
func newBody(content []byte, cut bool) *Body {
	switch {
	case content == nil:
		return nil
	case utf8.Valid(content):
		return &Body{Text: string(content), Cut: cut}
	default:
		return &Body{Text: base64.StdEncoding.EncodeToString(content), Encoding: "base64", Cut: cut}
	}
}
