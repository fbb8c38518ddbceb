package accelo

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"
)

// write gives an answer in a format, with its content type.
func write(f format, envelope map[string]any) (body []byte, kind string) {
	var err error
	switch f {
	case formatXML:
		var b bytes.Buffer
		b.WriteString(xml.Header)
		element(&b, "api", envelope)
		return b.Bytes(), "text/xml; charset=utf-8"
	case formatYAML:
		body, err = yaml.Marshal(envelope)
		kind = "text/x-yaml; charset=utf-8"
	default:
		body, err = json.Marshal(envelope)
		kind = typeJSON
	}
	if err != nil { // maps of texts and numbers always marshal
		return []byte(`{"meta":{"status":"server_error"},"response":null}`), typeJSON
	}
	return body, kind
}

// element writes a value as XML. The vendor does not document its layout; in
// ours a member is an element of its name, and each item of a list is one of
// the name in the singular.
func element(b *bytes.Buffer, name string, value any) {
	if value == nil {
		fmt.Fprintf(b, "<%s/>", name)
		return
	}
	fmt.Fprintf(b, "<%s>", name)
	switch v := value.(type) {
	case map[string]any:
		for _, member := range slices.Sorted(maps.Keys(v)) {
			element(b, member, v[member])
		}
	case []any:
		for _, item := range v {
			element(b, singular[name], item)
		}
	default:
		_ = xml.EscapeText(b, []byte(fmt.Sprint(v))) // a buffer takes all
	}
	fmt.Fprintf(b, "</%s>", name)
}

// singular names the items of our lists.
var singular = map[string]string{"types": "type", "subscriptions": "subscription", "subscriptions_users": "user"}
