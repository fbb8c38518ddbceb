package accelo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// call is a request as the vendor's API reads it: parameters may ride in the
// query, in a form or in a JSON body, and may override the method and choose
// the form of the answer.
type call struct {
	method string
	path   []string // below the prefix, without the format's extension
	format format
	params map[string]string
}

// format is how an answer is written.
type format string

// The formats.
const (
	formatJSON format = "json"
	formatXML  format = "xml"
	formatYAML format = "yml"
)

// newCall reads a request. What cannot be read is told beside what can, so
// that the refusal comes in the form that was asked for.
func newCall(r subscription.Request) (call, *subscription.Refusal) {
	c := call{method: r.Method, format: formatJSON, params: map[string]string{}}
	path := strings.Trim(r.Path, "/")
	for _, f := range []format{formatJSON, formatXML, formatYAML} {
		if bare, ok := strings.CutSuffix(path, "."+string(f)); ok {
			path, c.format = bare, f
		}
	}
	c.path = strings.Split(path, "/")
	switch accepted := r.Header.Get("Accept-Type"); {
	case strings.Contains(accepted, "xml"):
		c.format = formatXML
	case strings.Contains(accepted, "yaml"):
		c.format = formatYAML
	}
	refusal := c.take(r.Query)
	if wrong := c.body(r); refusal == nil {
		refusal = wrong
	}
	if method := c.params["_method"]; method != "" && (r.Method == http.MethodGet || r.Method == http.MethodPost) {
		c.method = strings.ToUpper(method)
	}
	return c, refusal
}

// take reads the parameters of a query or a form. One that is there twice is an
// invalid request to the vendor.
func (c *call) take(values url.Values) *subscription.Refusal {
	var refusal *subscription.Refusal
	for _, name := range slices.Sorted(maps.Keys(values)) {
		c.params[name] = values.Get(name)
		if len(values[name]) > 1 && refusal == nil {
			refusal = refuse(subscription.Malformed, "", "%.80q is there more than once; send it once", name)
		}
	}
	return refusal
}

// body reads the parameters in a body. Some clients label a form and send
// JSON, which the first byte tells apart.
func (c *call) body(r subscription.Request) *subscription.Refusal {
	body := bytes.TrimSpace(r.Body)
	if len(body) == 0 {
		return nil
	}
	kind := r.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(kind)
	switch {
	case kind != "" && (err != nil || media != typeForm && media != typeJSON):
		return refuse(subscription.Unsupported, "", "the content type %.100q is not read here; send %s or %s", kind, typeForm, typeJSON)
	case media == typeJSON || body[0] == '{':
		return c.json(body)
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return refuse(subscription.Malformed, "", "the form cannot be read: %.200s; percent-encode its values", err)
	}
	return c.take(values)
}

func (c *call) json(body []byte) *subscription.Refusal {
	value, fault := event.Decode(body)
	if fault != nil {
		return refuse(subscription.Malformed, "", "the body is no JSON: %s", fault.Text)
	}
	members, ok := value.(map[string]any)
	if !ok {
		return refuse(subscription.Malformed, "", `the body is no JSON object; send {"trigger_url":...,"event_id":...}`)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch v := members[name].(type) {
		case nil:
		case string:
			c.params[name] = v
		case bool, int64, float64:
			c.params[name] = fmt.Sprint(v)
		default: // the generic parameters have a form with lists and objects
			text, err := json.Marshal(v)
			if err != nil {
				return refuse(subscription.Malformed, name, "%s cannot be read", name)
			}
			c.params[name] = string(text)
		}
	}
	return nil
}

// flag reads a parameter that is switched on by 1 or yes.
func (c *call) flag(name string) bool { return c.params[name] == "1" || c.params[name] == "yes" }

// number reads a whole number; a parameter that is not there is otherwise.
func (c *call) number(name string, otherwise, least, most int) (int, *subscription.Refusal) {
	text := c.params[name]
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, refuse(subscription.Invalid, name, "%s is a whole number from %d to %d", name, least, most)
	}
	return n, nil
}

func refuse(code subscription.Code, field, message string, args ...any) *subscription.Refusal {
	return &subscription.Refusal{Code: code, Field: field, Message: fmt.Sprintf(message, args...)}
}
