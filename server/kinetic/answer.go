package kinetic

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"hooktree/server"
)

// answer is a body in JSON.
func answer(body any) server.Response {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		// Every body is made of this package's types and of JSON that was read.
		panic("write an answer: " + err.Error())
	}
	return server.Response{
		Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   bytes.TrimRight(b.Bytes(), "\n"),
	}
}

// stamp is a time as the vendor writes it: in UTC with milliseconds, null for
// none.
type stamp struct{ time.Time }

const stampLayout = "2006-01-02T15:04:05.000Z"

// MarshalJSON writes the time to the millisecond.
func (s stamp) MarshalJSON() ([]byte, error) {
	if s.IsZero() {
		return []byte("null"), nil
	}
	return s.UTC().AppendFormat(nil, `"`+stampLayout+`"`), nil
}

// done is the vendor's answer to a call that has nothing else to tell.
type done struct {
	MessageType string `json:"messageType"`
	Message     string `json:"message"`
}

func success(message string) done { return done{MessageType: "success", Message: message} }

// text gives null for a text that is empty.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// object gives results as the vendor has them: always an object.
func object(v any) map[string]any {
	switch v := v.(type) {
	case nil:
		return map[string]any{}
	case map[string]any:
		return v
	default:
		return map[string]any{"output": v}
	}
}

// senderOf is who sent an event: the user's name, or which token or access key.
func senderOf(credential string) string {
	return cmp.Or(strings.TrimPrefix(credential, "user:"), "SYSTEM")
}

// stamped is what include=details adds to most objects.
type stamped struct {
	CreatedAt stamp   `json:"createdAt"`
	CreatedBy *string `json:"createdBy"`
	UpdatedAt stamp   `json:"updatedAt"`
	UpdatedBy *string `json:"updatedBy"`
}
