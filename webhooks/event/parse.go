package event

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The bounds of one request.
const (
	// MaxEvents is how many events one array may hold.
	MaxEvents = 1000
	// MaxName is how many bytes a slug or an id may have.
	MaxName = 255
)

// Parse reads one payload: of the built-in platform
//
//	{"event":{"type":"Submission","action":"Submitted"},"kapp":{"slug":"services"},"form":{"slug":"laptop-request"},...}
//
// or of an own one
//
//	{"event":{"platform":"warehouse","name":"StockLow"},"data":{...}}
//
// or a CloudEvent in structured form. The caller adds what it knows besides:
// ID, Credential, Cause, and an Idempotency-Key as ExternalID. The error is a
// *[Refusal].
func Parse(body []byte, c *Catalogue, received time.Time) (Event, error) {
	value, fault := Decode(body)
	if fault != nil {
		return Event{}, &Refusal{Faults: []*Fault{fault}}
	}
	e, fault := c.read(value, body, received)
	if fault != nil {
		return Event{}, &Refusal{Faults: []*Fault{fault}}
	}
	return e, nil
}

// ParseAll reads a body that holds one payload, or an array of at most
// [MaxEvents]: all or nothing, with a fault for each that is refused. Each
// event's Body is its own part of the array.
func ParseAll(body []byte, c *Catalogue, received time.Time) ([]Event, error) {
	if !startsArray(body) {
		e, err := Parse(body, c, received)
		if err != nil {
			return nil, err
		}
		return []Event{e}, nil
	}
	items, fault := elements(body)
	if fault != nil {
		return nil, &Refusal{Faults: []*Fault{fault}}
	}
	events := make([]Event, 0, len(items))
	var faults []*Fault
	for i, item := range items {
		e, fault := c.read(item.value, item.body, received)
		if fault != nil {
			faults = append(faults, fault.under(strconv.Itoa(i)))
			continue
		}
		events = append(events, e)
	}
	if faults != nil {
		return nil, &Refusal{Faults: faults}
	}
	return events, nil
}

// read makes an event of a decoded payload.
func (c *Catalogue) read(value any, body []byte, received time.Time) (Event, *Fault) {
	data, ok := value.(map[string]any)
	if !ok {
		return Event{}, wrongType("", value, "an object", `send {"event":{"type":...,"action":...},...}`)
	}
	if _, isCloud := data["specversion"]; isCloud {
		return c.readCloud(data, received)
	}
	return c.readPayload(data, body, received)
}

// readPayload makes an event of hooktree's own form of payload.
func (c *Catalogue) readPayload(data map[string]any, body []byte, received time.Time) (Event, *Fault) {
	head, fault := object(data, "event")
	if fault != nil {
		return Event{}, fault
	}
	if head == nil {
		return Event{}, missing("/event", `say what happened: {"event":{"type":"Submission","action":"Submitted"},...}`)
	}
	kind, fault := c.kindOf(head)
	if fault == nil {
		fault = c.claimed(kind.Platform, "/type") // an own platform may stand there, too
	}
	if fault != nil {
		return Event{}, fault.under("event")
	}
	e := Event{Platform: kind.Platform, Type: kind.Type, Action: kind.Action, Received: received, Occurred: received, Data: data, Body: body}
	if fault := e.stamp(head); fault != nil {
		return Event{}, fault.under("event")
	}
	for _, name := range kind.objects {
		if _, fault := object(data, name); fault != nil {
			return Event{}, fault
		}
	}
	if e.Scope, fault = scopeOf(kind, data); fault != nil {
		return Event{}, fault
	}
	first := kind.Ladder[0]
	e.Path = Path{first.in(e.Scope), first.Names[0]}.String()
	e.Entity = entityOf(kind, data)
	return e, nil
}

// kindOf finds the kind that the payload's `event` names.
func (c *Catalogue) kindOf(head map[string]any) (*Kind, *Fault) {
	platform, fault := word(head, "platform")
	if fault != nil {
		return nil, fault
	}
	if fault := c.claimed(platform, "/platform"); fault != nil {
		return nil, fault
	}
	if platform != "" && platform != Kinetic {
		name, fault := needWord(head, "name", "name what happened, as the platform's file in events/ spells it")
		if fault != nil {
			return nil, fault
		}
		kind, fault := c.findOwn(platform, name)
		return kind, at(fault, map[Code]string{CodeUnknownPlatform: "platform", CodeUnknownName: "name"})
	}
	typ, fault := needWord(head, "type", `such as "Submission"; an own platform has "platform" and "name" instead`)
	if fault != nil {
		return nil, fault
	}
	action, fault := needWord(head, "action", `such as "Submitted"`)
	if fault != nil {
		return nil, fault
	}
	kind, fault := c.Find(typ, action)
	return kind, at(fault, map[Code]string{CodeUnknownType: "type", CodeUnknownAction: "action", CodeUnknownName: "action"})
}

// at puts a fault below the member that its code speaks of.
func at(fault *Fault, member map[Code]string) *Fault {
	if fault == nil {
		return nil
	}
	return fault.under(member[fault.Code])
}

// stamp takes the sender's id and time.
func (e *Event) stamp(head map[string]any) *Fault {
	switch id := head["id"].(type) {
	case nil:
	case int64:
		e.ExternalID = strconv.FormatInt(id, 10)
	case string:
		if len(id) > MaxName {
			return (&Fault{Code: CodeWrongType, Text: fmt.Sprintf("the id has %d bytes; at most %d are taken", len(id), MaxName), Hint: "send a shorter id, such as a UUID"}).under("id")
		}
		e.ExternalID = id
	default:
		return wrongType("/id", id, "text or an integer", "send the id that stays the same when you send the event again")
	}
	const hint = "send RFC 3339, such as 2026-04-08T02:35:35.925Z, or milliseconds since 1970"
	switch stamp := head["timestamp"].(type) {
	case nil:
	case int64:
		e.Occurred = time.UnixMilli(stamp).UTC()
		if y := e.Occurred.Year(); y < 0 || y > 9999 {
			return wrongType("/timestamp", stamp, "a time between the years 0 and 9999", hint)
		}
	case string:
		at, err := time.Parse(time.RFC3339, stamp)
		if err != nil {
			return (&Fault{Code: CodeWrongType, Text: fmt.Sprintf("%q is not a time", clip(stamp)), Hint: hint}).under("timestamp")
		}
		e.Occurred = at.UTC()
	default:
		return wrongType("/timestamp", stamp, "a time", hint)
	}
	return nil
}

// scopeOf takes the slugs that the kind's level calls for.
func scopeOf(kind *Kind, data map[string]any) (Scope, *Fault) {
	var s Scope
	var fault *Fault
	if kind.Level == LevelKapp || kind.Level == LevelForm {
		if s.Kapp, fault = slug(kind, data, "kapp", "services"); fault != nil {
			return s, fault
		}
	}
	if kind.Level == LevelForm || kind.Level == LevelDatastore {
		if s.Form, fault = slug(kind, data, "form", "laptop-request"); fault != nil {
			return s, fault
		}
	}
	s.Datastore = kind.Level == LevelDatastore
	return s, nil
}

func slug(kind *Kind, data map[string]any, member, example string) (string, *Fault) {
	pointer := "/" + member + "/slug"
	holder, _ := data[member].(map[string]any)
	value := holder["slug"]
	if value == nil {
		return "", &Fault{
			Code: CodeMissingScope, Pointer: pointer, Text: fmt.Sprintf("%s does not say which %s it happened in", kind.Full(), member),
			Hint: fmt.Sprintf(`add "%s":{"slug":%q}`, member, example),
		}
	}
	text, ok := value.(string)
	if !ok {
		return "", wrongType(pointer, value, "text", "send the slug as it stands in the address of the "+member)
	}
	if reason := badSlug(text); reason != "" {
		return "", &Fault{Code: CodeWrongType, Pointer: pointer, Text: fmt.Sprintf("%q is not a slug: %s", clip(text), reason), Hint: "a slug is letters, digits, - and _"}
	}
	return text, nil
}

// badSlug keeps a slug from passing for two segments of a path.
func badSlug(s string) string {
	switch {
	case s == "":
		return "it is empty"
	case len(s) > MaxName:
		return fmt.Sprintf("it has more than %d bytes", MaxName)
	case strings.ContainsAny(s, "/>:"):
		return "it holds one of / > :"
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return "it holds white space"
	default:
		return ""
	}
}

// entityOf names what the event happened to; empty when the payload does not say.
func entityOf(kind *Kind, data map[string]any) string {
	for _, path := range kind.entity {
		var value any = data
		for _, member := range path {
			holder, _ := value.(map[string]any)
			value = holder[member]
		}
		switch v := value.(type) {
		case string:
			if v != "" && len(v) <= MaxName {
				return v
			}
		case int64:
			return strconv.FormatInt(v, 10)
		}
	}
	return ""
}

// object gives a member that must be an object; nil when it is absent or null.
func object(data map[string]any, name string) (map[string]any, *Fault) {
	switch v := data[name].(type) {
	case nil:
		return nil, nil
	case map[string]any:
		if attributes, ok := v["attributes"]; ok && attributes != nil && name != "values" {
			if _, ok := attributes.(map[string]any); !ok {
				return nil, wrongType("/"+name+"/attributes", attributes, "an object of lists", `such as {"Owner":["it"]}`)
			}
		}
		return v, nil
	default:
		return nil, wrongType("/"+name, v, "an object", "send {} or leave it out when there is nothing to say")
	}
}

// word gives a member that must be text; empty when it is absent or null.
func word(data map[string]any, name string) (string, *Fault) {
	switch v := data[name].(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	default:
		return "", wrongType("/"+name, v, "text", "put it into double quotes")
	}
}

func needWord(data map[string]any, name, hint string) (string, *Fault) {
	text, fault := word(data, name)
	if fault == nil && text == "" {
		fault = missing("/"+name, hint)
	}
	return text, fault
}

func missing(pointer, hint string) *Fault {
	return &Fault{Code: CodeMissing, Pointer: pointer, Text: "this member is missing", Hint: hint}
}

func wrongType(pointer string, got any, want, hint string) *Fault {
	return &Fault{Code: CodeWrongType, Pointer: pointer, Text: "this is " + noun(got) + ", not " + want, Hint: hint}
}

func noun(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case string:
		return "text"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	default:
		return "a number"
	}
}
