package expression

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hooktree/engine"
)

func toJSON(f *frame, a []any) (any, error) {
	b, err := f.json(nil, a[0])
	if err != nil {
		return nil, err
	}
	return string(b), nil
}

func fromJSON(f *frame, a []any) (any, error) {
	s, err := asText("JSON", a[0])
	if err != nil {
		return nil, err
	}
	if err := f.grow(4 * len(s)); err != nil {
		return nil, err
	}
	v, err := engine.DecodeValue([]byte(s))
	if err != nil {
		return nil, &Fault{Message: "the text is not JSON: " + err.Error()}
	}
	return v, nil
}

// json appends a value as compact JSON with its names in order.
func (f *frame) json(b []byte, v any) ([]byte, *Fault) {
	if fault := f.payJSON(v); fault != nil {
		return nil, fault
	}
	defer func() { f.depth-- }()
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case string:
		return quote(b, v), nil
	case []any:
		return f.jsonList(b, v)
	case map[string]any:
		return f.jsonMap(b, v)
	case bool, int64, int, float64:
		s, fault := f.text(v)
		return append(b, s...), fault
	case time.Time, time.Duration:
		s, fault := f.text(v)
		return quote(b, s), fault
	case engine.Sealed:
		return nil, &Fault{
			Message: "there is a secret in this value, which can't be written as JSON",
			Hint:    "name the members that are meant, and join the secret into text of its own",
		}
	}
	return nil, &Fault{Message: "this can't be written as text"}
}

func (f *frame) jsonList(b []byte, list []any) ([]byte, *Fault) {
	b = append(b, '[')
	for i, item := range list {
		if i > 0 {
			b = append(b, ',')
		}
		var fault *Fault
		if b, fault = f.json(b, item); fault != nil {
			return nil, fault
		}
	}
	return append(b, ']'), nil
}

func (f *frame) jsonMap(b []byte, m map[string]any) ([]byte, *Fault) {
	b = append(b, '{')
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(quote(b, name), ':')
		var fault *Fault
		if b, fault = f.json(b, m[name]); fault != nil {
			return nil, fault
		}
	}
	return append(b, '}'), nil
}

// payJSON counts what one value adds to the text, and its level.
func (f *frame) payJSON(v any) *Fault {
	size := 8
	if s, ok := v.(string); ok {
		size = len(s) + 2
	}
	if fault := f.charge(0, size); fault != nil {
		return fault
	}
	return f.enter()
}

// quote appends text as JSON, without the escapes that only HTML needs.
func quote(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			var out strings.Builder
			e := json.NewEncoder(&out)
			e.SetEscapeHTML(false)
			if err := e.Encode(s); err != nil {
				return append(b, `""`...)
			}
			return append(b, strings.TrimSuffix(out.String(), "\n")...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// show writes a value in a message, cut to a length that a line can hold.
func show(v any) string {
	switch v := v.(type) {
	case engine.Sealed:
		return v.String()
	case nil:
		return "nil"
	}
	f := frame{steps: MaxNodes, bytes: MaxBytes - 64<<10} // a message needs no more
	b, fault := f.json(nil, v)
	if fault != nil {
		return valueWord(v)
	}
	const most = 60
	runes := []rune(string(b))
	if len(runes) > most {
		return string(runes[:most-3]) + "..."
	}
	return string(runes)
}
