package expression

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
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
