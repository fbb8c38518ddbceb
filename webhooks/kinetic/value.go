package kinetic

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Values are what a scope holds: nil, bool, int64, float64, string, []any and
// map[string]any. Null and undefined are one.

// truthy is JavaScript's ToBoolean.
func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0 && !math.IsNaN(v)
	case string:
		return v != ""
	default:
		return true
	}
}

// same is `===`: equal without any conversion. Lists and objects are never the
// same as another value, as in JavaScript.
func same(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case string:
		b, ok := b.(string)
		return ok && a == b
	case int64:
		if b, ok := b.(int64); ok {
			return a == b
		}
		b, ok := b.(float64)
		return ok && float64(a) == b
	case float64:
		switch b := b.(type) {
		case int64:
			return a == float64(b)
		case float64:
			return a == b
		}
	}
	return false
}

// alike is `==`: a list counts as its text, and text and flags as numbers
// beside a number or a flag.
func alike(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if isObject(a) && isObject(b) {
		return false
	}
	a, b = primitive(a), primitive(b)
	_, aText := a.(string)
	_, bText := b.(string)
	if aText && bText {
		return a == b
	}
	if same(a, b) {
		return true
	}
	x, y := numeric(a), numeric(b)
	return x == y
}

func isObject(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return true
	default:
		return false
	}
}

// primitive turns lists and objects into their text.
func primitive(v any) any {
	if isObject(v) {
		return textOf(v)
	}
	return v
}

// numeric is ToNumber; what is no number is NaN, which equals nothing.
func numeric(v any) float64 {
	switch v := primitive(v).(type) {
	case nil:
		return 0
	case bool:
		if v {
			return 1
		}
		return 0
	case int64:
		return float64(v)
	case float64:
		return v
	case string:
		text := strings.TrimSpace(v)
		if text == "" {
			return 0
		}
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n
		}
	}
	return math.NaN()
}

// ordered is `<` and its kin: texts by their letters, all else by number.
func ordered(op string, a, b any) bool {
	a, b = primitive(a), primitive(b)
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return decide(op, x < y, x == y, false)
		}
	}
	x, y := numeric(a), numeric(b)
	return decide(op, x < y, x == y, math.IsNaN(x) || math.IsNaN(y))
}

func decide(op string, less, equal, never bool) bool {
	if never {
		return false
	}
	switch op {
	case "<":
		return less
	case "<=":
		return less || equal
	case ">":
		return !less && !equal
	default:
		return !less
	}
}

// arithmetic is `+ - * / %`: + joins as soon as one side is text.
func arithmetic(op string, a, b any) any {
	a, b = primitive(a), primitive(b)
	_, aText := a.(string)
	_, bText := b.(string)
	if op == "+" && (aText || bText) {
		return textOf(a) + textOf(b)
	}
	x, y := numeric(a), numeric(b)
	var r float64
	switch op {
	case "+":
		r = x + y
	case "-":
		r = x - y
	case "*":
		r = x * y
	case "/":
		r = x / y
	default:
		r = math.Mod(x, y)
	}
	const exact = 1 << 53
	if r == math.Trunc(r) && math.Abs(r) <= exact {
		return int64(r)
	}
	return r
}

// textOf is ToString: a list is its items joined by commas.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		return v
	case []any:
		texts := make([]string, len(v))
		for i, item := range v {
			if item != nil {
				texts[i] = textOf(item)
			}
		}
		return strings.Join(texts, ",")
	default:
		return "[object Object]"
	}
}

// kindOf names the kind of a value for people.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a flag"
	case int64, float64:
		return "a number"
	case string:
		return "text"
	case []any:
		return "a list"
	default:
		return "an object"
	}
}

// units counts a text as JavaScript does, in UTF-16.
func units(s string) int64 { return int64(len(utf16.Encode([]rune(s)))) }
