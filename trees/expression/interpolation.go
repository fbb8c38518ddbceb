package expression

import (
	"math"
	"strconv"
	"strings"
	"time"

	"hooktree/engine"
)

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
