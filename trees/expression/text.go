package expression

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"hooktree/engine"
)

// textFunctions are about text.
func textFunctions() map[string]function {
	return map[string]function{
		"upper": onText("upper", strings.ToUpper),
		"lower": onText("lower", strings.ToLower),
		"len": {forms: []any{
			new(func(string) int), new(func([]any) int), new(func(map[string]any) int), new(func(map[any][]any) int), new(func(any) int),
		}, run: length},
		"string":      {forms: []any{new(func(any) string)}, run: toText},
		"toJSON":      {forms: []any{new(func(any) string)}, run: toJSON},
		"fromJSON":    {forms: []any{new(func(string) any)}, run: fromJSON},
		"split":       {forms: []any{new(func(string, string) []any), new(func(string, string, int) []any)}, run: splitBy(strings.SplitN)},
		"splitAfter":  {forms: []any{new(func(string, string) []any), new(func(string, string, int) []any)}, run: splitBy(strings.SplitAfterN)},
		"join":        {forms: []any{new(func([]any, string) string), new(func([]any) string)}, run: joinList},
		"replace":     {forms: []any{new(func(string, string, string) string), new(func(string, string, string, int) string)}, run: replace},
		"repeat":      {forms: []any{new(func(string, int) string)}, run: repeat},
		"indexOf":     {forms: []any{new(func(string, string) int)}, run: indexBy(strings.Index)},
		"lastIndexOf": {forms: []any{new(func(string, string) int)}, run: indexBy(strings.LastIndex)},
		"toBase64":    {forms: []any{new(func(string) string)}, run: toBase64},
		"type":        {forms: []any{new(func(any) string)}, run: typeName},
	}
}

func onText(name string, change func(string) string) function {
	return function{forms: []any{new(func(string) string)}, run: func(f *frame, a []any) (any, error) {
		s, err := asText("the argument of "+name, a[0])
		if err != nil {
			return nil, err
		}
		if err := f.grow(len(s)); err != nil {
			return nil, err
		}
		return change(s), nil
	}}
}

func toBase64(f *frame, a []any) (any, error) {
	s, err := asText("what is encoded", a[0])
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.EncodeToString([]byte(s)), f.grow(2 * len(s))
}

// scan counts the time of looking through a text.
func (f *frame) scan(s string) error { return f.spend(len(s) >> 5) }

// contains looks for text in text; there is none in nil.
func contains(f *frame, a []any) (any, error) {
	if a[0] == nil || a[1] == nil {
		return false, nil
	}
	if _, ok := a[0].([]any); ok {
		return nil, &Fault{Message: "contains looks in text, not in a list", Hint: "write item in list"}
	}
	s, err := asText("the text to look in", a[0])
	if err != nil {
		return nil, err
	}
	part, err := asText("the text to look for", a[1])
	if err != nil {
		return nil, err
	}
	if err := f.scan(s); err != nil {
		return nil, err
	}
	return strings.Contains(s, part), nil
}

func length(f *frame, a []any) (any, error) {
	switch v := a[0].(type) {
	case string:
		if err := f.scan(v); err != nil {
			return nil, err
		}
		return int64(utf8.RuneCountInString(v)), nil
	case []any:
		return int64(len(v)), nil
	case map[string]any:
		return int64(len(v)), nil
	case nil:
		return nil, &Fault{Message: "nil has no length", Hint: `give a default: len(x ?? "") or len(x ?? [])`}
	}
	return nil, &Fault{Message: "len takes text, a list or a map, not " + valueWord(a[0])}
}

func toText(f *frame, a []any) (any, error) {
	s, err := f.text(a[0])
	if err != nil {
		return nil, err
	}
	return s, nil
}

func typeName(_ *frame, a []any) (any, error) {
	if _, err := open(a[0]); err != nil {
		return nil, err
	}
	switch a[0].(type) {
	case nil:
		return "nil", nil
	case bool:
		return "bool", nil
	case int64, int:
		return "int", nil
	case float64:
		return "float", nil
	case string:
		return "string", nil
	case []any:
		return "array", nil
	case time.Time:
		return "time", nil
	case time.Duration:
		return "duration", nil
	}
	return "map", nil
}

func splitBy(cut func(s, sep string, n int) []string) operation {
	return func(f *frame, a []any) (any, error) {
		s, err := asText("the text to split", a[0])
		if err != nil {
			return nil, err
		}
		sep, err := asText("what the text is split at", a[1])
		if err != nil {
			return nil, err
		}
		most := int64(-1)
		if len(a) > 2 {
			if most, err = asInteger("split", a[2]); err != nil {
				return nil, err
			}
		}
		if err := f.list(strings.Count(s, sep) + 1); err != nil {
			return nil, err
		}
		parts := cut(s, sep, int(max(min(most, math.MaxInt32), -1)))
		out := make([]any, len(parts))
		for i, part := range parts {
			out[i] = part
		}
		return out, nil
	}
}

func joinList(f *frame, a []any) (any, error) {
	list, err := asList("join", a[0])
	if err != nil {
		return nil, err
	}
	if err := f.spend(len(list)); err != nil {
		return nil, err
	}
	glue := ""
	if len(a) > 1 {
		if glue, err = asText("what the items are joined with", a[1]); err != nil {
			return nil, err
		}
	}
	var b strings.Builder
	for i, item := range list {
		s, err := asText("item "+strconv.Itoa(i)+" of what is joined", item)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteString(glue)
		}
		if err := f.grow(len(s) + len(glue)); err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

func replace(f *frame, a []any) (any, error) {
	var texts [3]string
	for i, what := range []string{"the text to change", "what is replaced", "the replacement"} {
		s, err := asText(what, a[i])
		if err != nil {
			return nil, err
		}
		texts[i] = s
	}
	most := int64(-1)
	if len(a) > 3 {
		var err error
		if most, err = asInteger("replace", a[3]); err != nil {
			return nil, err
		}
	}
	times := strings.Count(texts[0], texts[1])
	if most >= 0 {
		times = int(min(int64(times), most))
	}
	if err := f.grow(len(texts[0])); err != nil {
		return nil, err
	}
	if len(texts[2]) > 0 && times > MaxBytes/len(texts[2]) {
		times = MaxBytes // the product may not fit
	}
	if err := f.grow(times * max(len(texts[2]), 1)); err != nil {
		return nil, err
	}
	return strings.Replace(texts[0], texts[1], texts[2], times), nil
}

func repeat(f *frame, a []any) (any, error) {
	s, err := asText("the text to repeat", a[0])
	if err != nil {
		return nil, err
	}
	n, err := asInteger("repeat", a[1])
	if err != nil {
		return nil, err
	}
	if n < 0 {
		return nil, &Fault{Message: "text can't be repeated " + show(n) + " times"}
	}
	if err := f.grow(int(min(n, MaxBytes+1)) * max(len(s), 1)); err != nil {
		return nil, err
	}
	return strings.Repeat(s, int(n)), nil
}

func indexBy(find func(s, sub string) int) operation {
	return func(f *frame, a []any) (any, error) {
		s, err := asText("the text to look in", a[0])
		if err != nil {
			return nil, err
		}
		sub, err := asText("the text to look for", a[1])
		if err != nil {
			return nil, err
		}
		if err := f.scan(s); err != nil {
			return nil, err
		}
		at := find(s, sub)
		if at > 0 {
			at = utf8.RuneCountInString(s[:at])
		}
		return int64(at), nil
	}
}

// interpolate joins the parts of a template. Parts are text that was written
// out and what its expressions gave; the first argument says where they stand.
func interpolate(f *frame, a []any) (any, error) {
	places, parts := a[0].([]part), a[1:]
	sealed := false
	size := 0
	texts := make([]string, len(parts))
	for i, part := range parts {
		if _, ok := part.(engine.Sealed); ok {
			sealed = true
			continue
		}
		s, err := f.text(part)
		if err != nil {
			return nil, places[i].faulty(part, err)
		}
		texts[i] = s
		size += len(s)
	}
	if err := f.grow(size); err != nil {
		return nil, err
	}
	if sealed {
		return seal(parts, texts), nil
	}
	var b strings.Builder
	b.Grow(size)
	for _, s := range texts {
		b.WriteString(s)
	}
	return b.String(), nil
}

// faulty is the fault of a part whose value can't be joined.
func (p part) faulty(v any, fault *Fault) error {
	place := Fault{Offset: p.at.from, Length: p.at.to - p.at.from, Message: fault.Message, Hint: fault.Hint}
	if v == nil {
		text := strings.TrimSpace(p.f.text)
		place.Message, place.Hint = text+" is nil, which can't stand in text", "give a default: "+text+" ?? ''"
	}
	return &place
}

// text is a value as it stands in text.
func (f *frame) text(v any) (string, *Fault) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case int:
		return strconv.Itoa(v), nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return formatFloat(v), nil
	case time.Time:
		return v.Format(time.RFC3339Nano), nil
	case time.Duration:
		return formatDuration(v), nil
	case nil:
		return "", &Fault{Message: "this is nil, which is no text", Hint: "give a default: x ?? ''"}
	}
	b, err := f.json(nil, v)
	if err != nil {
		return "", err
	}
	return string(b), nil
}

// formatFloat writes the shortest digits that read back as the same number, in
// the way of JSON.
func formatFloat(v float64) string {
	size := math.Abs(v)
	if size != 0 && (size < 1e-6 || size >= 1e21) {
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

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
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ',')
			}
			var fault *Fault
			if b, fault = f.json(b, item); fault != nil {
				return nil, fault
			}
		}
		return append(b, ']'), nil
	case map[string]any:
		b = append(b, '{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(quote(b, name), ':')
			var fault *Fault
			if b, fault = f.json(b, v[name]); fault != nil {
				return nil, fault
			}
		}
		return append(b, '}'), nil
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
	f := frame{bytes: MaxBytes - 64<<10} // a message needs no more
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
