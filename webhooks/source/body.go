package source

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"

	"hooktree/webhooks/event"
)

// MediaTypeError says that a delivery's body is of a type that its kind does
// not read.
type MediaTypeError struct {
	Sent string // the Content-Type
	Want string // in words
}

func (e *MediaTypeError) Error() string {
	return fmt.Sprintf("the content type %q is not read here; send %s", clip(e.Sent), e.Want)
}

// document is a body that was read.
type document struct {
	value any
	json  []byte // what value was read from
	raw   string // the body as it came, where json is made of it
}

// readJSON reads a body of JSON.
func readJSON(r *Request) (document, error) {
	sent := r.Header.Get("Content-Type")
	if kind := mediaType(sent); kind != "" && kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return document{}, &MediaTypeError{sent, "JSON with Content-Type: application/json"}
	}
	return decode(r.Body)
}

// readAny reads a body of JSON or of a form's fields.
func readAny(r *Request) (document, error) {
	if !isForm(r) {
		return readJSON(r)
	}
	fields, err := readForm(r.Body)
	if err != nil {
		return document{}, err
	}
	return made(fields, string(r.Body))
}

func isForm(r *Request) bool {
	return mediaType(r.Header.Get("Content-Type")) == "application/x-www-form-urlencoded"
}

func mediaType(sent string) string {
	if sent == "" {
		return ""
	}
	kind, _, err := mime.ParseMediaType(sent)
	if err != nil {
		return "?"
	}
	return kind
}

func decode(body []byte) (document, error) {
	value, fault := event.Decode(body)
	if fault != nil {
		return document{}, refuse(fault)
	}
	return document{value: value, json: body}, nil
}

// made is a document of a value that was made of a body.
func made(value any, raw string) (document, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return document{}, refuse(&event.Fault{Code: event.CodeMalformed, Text: "the body cannot be written as JSON: " + err.Error()})
	}
	return document{value: value, json: text, raw: raw}, nil
}

// maxFields is how many values a form may hold.
const maxFields = 1000

// readForm reads a form's fields: each a text, or a list of texts where it
// comes more than once.
func readForm(body []byte) (map[string]any, error) {
	if !utf8.Valid(body) {
		return nil, refuse(&event.Fault{Code: event.CodeUTF8, Text: "the form is not valid UTF-8", Hint: "percent-encode its values"})
	}
	if strings.Count(string(body), "&") >= maxFields {
		return nil, refuse(&event.Fault{Code: event.CodeMalformed, Text: fmt.Sprintf("the form has more than %d fields", maxFields), Hint: "send fewer"})
	}
	fields, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, refuse(&event.Fault{Code: event.CodeMalformed, Text: "the form cannot be read: " + clip(err.Error()), Hint: "percent-encode its values"})
	}
	read := make(map[string]any, len(fields))
	for name, values := range fields {
		list := make([]any, len(values))
		for i, v := range values {
			if !utf8.ValidString(v) || !utf8.ValidString(name) {
				return nil, refuse(&event.Fault{Code: event.CodeUTF8, Text: fmt.Sprintf("the field %q is not valid UTF-8", clip(name)), Hint: "encode it as UTF-8"})
			}
			list[i] = v
		}
		read[name] = any(list)
		if len(list) == 1 {
			read[name] = list[0]
		}
	}
	return read, nil
}

// member gives a member of an object; nil where there is none.
func member(value any, name string) any {
	holder, _ := value.(map[string]any)
	return holder[name]
}

// refuse makes an error of a fault.
func refuse(fault *event.Fault) error { return &event.Refusal{Faults: []*event.Fault{fault}} }

// lacks is the refusal of a delivery that does not say what happened.
func lacks(what, hint string) error {
	return refuse(&event.Fault{Code: event.CodeMissing, Text: what + " is missing: it says what happened", Hint: hint})
}
