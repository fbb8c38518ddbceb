package kinetic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"hooktree/webhooks/event"
)

// The content types that calls read.
const (
	typeJSON      = "application/json"
	typeForm      = "application/x-www-form-urlencoded"
	typeMultipart = "multipart/form-data"
	typeText      = "text/plain"
)

// mediaType gives the content type of a body that is one of those taken. A
// body without a type is taken as the first.
func (r *request) mediaType(taken ...string) (kind string, params map[string]string, err error) {
	sent := r.Header.Get("Content-Type")
	if sent == "" {
		return taken[0], nil, nil
	}
	kind, params, err = mime.ParseMediaType(sent)
	if err != nil || !slices.Contains(taken, kind) {
		return "", nil, fail(http.StatusUnsupportedMediaType, keyMediaType,
			"the content type %q is not read here; send %s", clip(sent), strings.Join(taken, " or "))
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return "", nil, fail(http.StatusUnsupportedMediaType, keyMediaType, "the charset %q is not read here; send UTF-8", clip(charset))
	}
	return kind, params, nil
}

// json reads a body that is an object into a struct. Members that the struct
// does not have are left alone: clients send whole objects back.
func (r *request) json(into any) error {
	if _, _, err := r.mediaType(typeJSON); err != nil {
		return err
	}
	return readJSON(r.Body, into)
}

func readJSON(body []byte, into any) error {
	value, fault := event.Decode(body)
	if fault != nil {
		return fault
	}
	if _, isObject := value.(map[string]any); !isObject {
		return fail(http.StatusBadRequest, keyMalformed, "the body is no JSON object; send {...}")
	}
	err := json.Unmarshal(body, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return invalid("the member %s cannot be %s here; it is to be %s", wrong.Field, wrong.Value, wrong.Type)
	}
	if err != nil {
		return fail(http.StatusBadRequest, keyMalformed, "the body cannot be read: %v", err)
	}
	return nil
}

// payload is what a run is started with: the body as it came, and its members.
type payload struct {
	body []byte
	data map[string]any
}

// readPayload reads the body of a run-tree call. A body that holds no members,
// because it is a list or a text, still starts the run: trees see no data then.
func (r *request) readPayload() (payload, error) {
	kind, _, err := r.mediaType(typeJSON, typeForm, typeText)
	if err != nil {
		return payload{}, err
	}
	if len(bytes.TrimSpace(r.Body)) == 0 {
		return payload{body: []byte("{}"), data: map[string]any{}}, nil
	}
	switch kind {
	case typeForm:
		return formPayload(r.Body)
	case typeText:
		return textPayload(r.Body), nil
	default:
		return jsonPayload(r.Body)
	}
}

func jsonPayload(body []byte) (payload, error) {
	value, fault := event.Decode(body)
	if fault != nil {
		return payload{}, fault
	}
	data, _ := value.(map[string]any)
	if data == nil {
		data = map[string]any{}
	}
	return payload{body: body, data: data}, nil
}

// textPayload takes JSON that was sent as text, as the vendor's own client
// does, and else the text as a JSON string.
func textPayload(body []byte) payload {
	if p, err := jsonPayload(body); err == nil {
		return p
	}
	quoted, _ := json.Marshal(strings.ToValidUTF8(string(body), "�")) // a string is always written
	return payload{body: quoted, data: map[string]any{}}
}

// formPayload makes members of a form's fields: a text, or a list of texts for
// a field that comes more than once.
func formPayload(body []byte) (payload, error) {
	fields, err := url.ParseQuery(string(body))
	if err != nil {
		return payload{}, fail(http.StatusBadRequest, keyMalformed, "the form cannot be read: %s; percent-encode its values", clip(err.Error()))
	}
	data := make(map[string]any, len(fields))
	for name, values := range fields {
		for _, text := range append([]string{name}, values...) {
			if !utf8.ValidString(text) {
				return payload{}, fail(http.StatusBadRequest, keyMalformed, "the form's field %q is not UTF-8", clip(name))
			}
		}
		if len(values) == 1 {
			data[name] = values[0]
			continue
		}
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = v
		}
		data[name] = list
	}
	encoded, err := json.Marshal(data)
	if err != nil {
		return payload{}, fmt.Errorf("write a form as JSON: %w", err)
	}
	return payload{body: encoded, data: data}, nil
}

// maxParts is how many fields a multipart body may have.
const maxParts = 20

// upload gives the content of a multipart body's field.
func upload(body []byte, boundary, field string) ([]byte, error) {
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for range maxParts {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fail(http.StatusBadRequest, keyMalformed, "the multipart body cannot be read: %s", clip(err.Error()))
		}
		if part.FormName() != field {
			continue
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, fail(http.StatusBadRequest, keyMalformed, "the field %s ends too early: %s", field, clip(err.Error()))
		}
		return content, nil
	}
	return nil, invalid("the multipart body has no field %q; send the text of the tree there", field)
}
