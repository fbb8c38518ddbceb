package event

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"mime"
	"net/url"
	"strings"
	"time"

	"hooktree/engine/spelling"
)

// ParseCloud reads a CloudEvent in binary form: the attributes stand in `ce-`
// headers, which header gives by name, and the body is the data. A request is
// one when its `ce-specversion` is not empty.
//
// A CloudEvent, in either form, is mapped so:
//
//   - type is `TYPE.ACTION` or `PLATFORM.NAME`, behind any prefix of the
//     reverse-DNS kind: `com.example.submission.submitted`. Case, blanks, `-`
//     and `_` do not count.
//   - data holds the payload's other members (space, kapp, form, values, ...);
//     of an own platform it is `data`. A whole payload with its `event` wins
//     over the type.
//   - source and id together are the event's id, time its timestamp.
//
// Body becomes the mapped payload: it is what webhooks send on and what the
// event is read from again.
func ParseCloud(header func(name string) string, body []byte, c *Catalogue, received time.Time) (Event, error) {
	e, fault := c.parseBinary(header, body, received)
	if fault != nil {
		return Event{}, &Refusal{Faults: []*Fault{fault}}
	}
	return e, nil
}

func (c *Catalogue) parseBinary(header func(string) string, body []byte, received time.Time) (Event, *Fault) {
	cloud := map[string]any{}
	for _, name := range []string{"specversion", "id", "source", "type", "time"} {
		value, err := url.PathUnescape(header("ce-" + name))
		if err != nil {
			return Event{}, wrongType("/"+name, "", "percent-encoded text", "encode the header ce-"+name+" as CloudEvents over HTTP says")
		}
		if value != "" {
			cloud[name] = value
		}
	}
	if kind := header("content-type"); kind != "" {
		cloud["datacontenttype"] = kind
	}
	if len(body) > 0 {
		data, fault := Decode(body)
		if fault != nil {
			return Event{}, fault
		}
		cloud["data"] = data
	}
	return c.readCloud(cloud, received)
}

// readCloud maps a CloudEvent to a payload and reads that.
func (c *Catalogue) readCloud(cloud map[string]any, received time.Time) (Event, *Fault) {
	data, fault := cloudData(cloud)
	if fault != nil {
		return Event{}, fault
	}
	head, fault := c.cloudHead(cloud, data)
	if fault != nil {
		return Event{}, fault
	}
	payload := map[string]any{}
	if _, own := head["platform"]; own && data["event"] == nil {
		payload["data"] = data
	} else {
		maps.Copy(payload, data)
	}
	payload["event"] = head
	body, err := json.Marshal(payload)
	if err != nil {
		return Event{}, &Fault{Code: CodeMalformed, Text: "the data cannot be written as JSON: " + err.Error()}
	}
	e, fault := c.readPayload(payload, body, received)
	if fault != nil && !strings.HasPrefix(fault.Pointer, "/event") && !strings.HasPrefix(fault.Pointer, "/data") {
		fault = fault.under("data")
	}
	return e, fault
}

// cloudHead makes the payload's `event` of the attributes.
func (c *Catalogue) cloudHead(cloud, data map[string]any) (map[string]any, *Fault) {
	text := map[string]string{}
	for _, name := range []string{"specversion", "id", "source", "type"} {
		value, fault := needWord(cloud, name, "every CloudEvent has it")
		if fault != nil {
			return nil, fault
		}
		text[name] = value
	}
	if v := text["specversion"]; v != "1.0" {
		return nil, &Fault{Code: CodeUnsupported, Pointer: "/specversion", Text: "CloudEvents " + clip(v) + " are not read", Hint: "send version 1.0"}
	}
	head, fault := object(data, "event")
	if fault != nil {
		return nil, fault.under("data")
	}
	head = maps.Clone(head)
	if head == nil {
		head = map[string]any{}
	}
	if head["type"] == nil && head["platform"] == nil {
		kind, fault := c.cloudKind(text["type"])
		if fault == nil {
			fault = c.claimed(kind.Platform, "/type")
		}
		if fault != nil {
			return nil, fault
		}
		if kind.Platform == Kinetic {
			head["type"], head["action"] = kind.Type, kind.Action
		} else {
			head["platform"], head["name"] = kind.Platform, kind.Action
		}
	}
	if head["id"] == nil {
		head["id"] = text["source"] + " " + text["id"]
	}
	if head["timestamp"] == nil && cloud["time"] != nil {
		head["timestamp"] = cloud["time"]
	}
	return head, nil
}

// cloudData gives the data as an object; an empty one when there is none.
func cloudData(cloud map[string]any) (map[string]any, *Fault) {
	value := cloud["data"]
	if kind, _ := cloud["datacontenttype"].(string); kind != "" && !isJSON(kind) {
		return nil, &Fault{Code: CodeUnsupported, Pointer: "/datacontenttype", Text: clip(kind) + " is not read", Hint: "send the data as application/json"}
	}
	if encoded, ok := cloud["data_base64"].(string); ok && value == nil {
		raw, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, wrongType("/data_base64", encoded, "Base64 of JSON", "send the data as `data`")
		}
		var fault *Fault
		if value, fault = Decode(raw); fault != nil {
			return nil, fault.under("data_base64")
		}
	}
	switch v := value.(type) {
	case nil:
		return map[string]any{}, nil
	case map[string]any:
		return v, nil
	default:
		return nil, wrongType("/data", v, "an object", "send the payload's members as the data")
	}
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// cloudKind finds the kind that a CloudEvent's type ends with.
func (c *Catalogue) cloudKind(typ string) (*Kind, *Fault) {
	plain := squeeze(typ)
	known := make([]string, 0, len(c.kinds))
	for _, k := range c.kinds {
		name := squeeze(k.Type) + "." + squeeze(k.Action)
		if plain == name || strings.HasSuffix(plain, "."+name) {
			return k, nil
		}
		known = append(known, name)
	}
	parts := strings.Split(plain, ".")
	fault := unknown(CodeUnknownType, "type", typ, "in the catalogue", nil)
	fault.Suggestions = spelling.Nearest(strings.Join(parts[max(0, len(parts)-2):], "."), known)
	fault.Hint = "a type ends with TYPE.ACTION, such as submission.submitted, or PLATFORM.NAME"
	return nil, fault.under("type")
}

// Meant gives the name of a platform's event that a CloudEvent's type means: the
// one that it ends with, as above. A type that means none of those that the
// platform lists stays as it is.
func (c *Catalogue) Meant(platform, typ string) string {
	plain := squeeze(typ)
	for _, action := range c.actions[platform] {
		if name := squeeze(action); c.named[[2]string{platform, typ}] == nil && (plain == name || strings.HasSuffix(plain, "."+name)) {
			return action
		}
	}
	return typ
}

var squeezer = strings.NewReplacer(" ", "", "-", "", "_", "")

func squeeze(s string) string { return strings.ToLower(squeezer.Replace(s)) }
