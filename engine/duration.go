package engine

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// units are the endings of a duration's parts.
var units = map[string]time.Duration{
	"ms": time.Millisecond,
	"s":  time.Second,
	"m":  time.Minute,
	"h":  time.Hour,
	"d":  24 * time.Hour,
	"w":  7 * 24 * time.Hour,
}

// ParseDuration reads a duration such as "2d", "1h30m" or "-5m": whole or
// decimal numbers, each with one of the units s, m, h, d and w, or ms. A day has
// 24 hours, whatever a calendar says. "0" needs no unit.
//
// It is the one reader of durations: of trees, their expressions, the
// parameters of handlers, the API and the configuration.
func ParseDuration(text string) (time.Duration, error) {
	rest := strings.TrimSpace(text)
	sign := 1.0
	if inner, ok := strings.CutPrefix(rest, "-"); ok {
		sign, rest = -1, inner
	}
	if rest == "0" {
		return 0, nil
	}
	if rest == "" {
		return 0, fmt.Errorf("the duration %q is empty; write a number and a unit, such as 2d", text)
	}
	var total float64
	for rest != "" {
		part, after, err := parsePart(rest)
		if err != nil {
			return 0, fmt.Errorf("the duration %q %w", text, err)
		}
		total += part
		rest = after
	}
	if total >= math.MaxInt64 {
		return 0, fmt.Errorf("the duration %q is longer than 292 years", text)
	}
	return time.Duration(sign * total), nil
}

// parsePart reads one number and its unit from the front of text. It reads the
// digits itself: a duration knows no exponent, infinity or underscore.
func parsePart(text string) (nanoseconds float64, rest string, err error) {
	i, digits, scale := 0, 0, 0.0
	for ; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			nanoseconds = nanoseconds*10 + float64(c-'0')
			digits++
			scale *= 10
		case c == '.' && scale == 0:
			scale = 1
		default:
			name := text[i : i+1]
			if strings.HasPrefix(text[i:], "ms") {
				name = "ms"
			}
			unit, ok := units[name]
			if !ok {
				return 0, "", fmt.Errorf("has the unit %q; the units are s, m, h, d and w", name)
			}
			if digits == 0 {
				return 0, "", fmt.Errorf("has no number before %q", name)
			}
			return nanoseconds * float64(unit) / max(scale, 1), text[i+len(name):], nil
		}
	}
	return 0, "", fmt.Errorf("ends without a unit; the units are s, m, h, d and w")
}

// asDuration takes what an expression gave for a duration; below zero is zero.
func asDuration(value any) (time.Duration, error) {
	switch v := value.(type) {
	case time.Duration:
		return max(v, 0), nil
	case string:
		d, err := ParseDuration(v)
		return max(d, 0), err
	default:
		return 0, fmt.Errorf("%s is no duration; write text such as 2d", kindOf(value))
	}
}

// asTime takes what an expression gave for a time.
func asTime(value any) (time.Time, error) {
	switch v := value.(type) {
	case time.Time:
		return v, nil
	case string:
		at, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return time.Time{}, fmt.Errorf("the time %q is not in the form 2006-01-02T15:04:05Z", v)
		}
		return at, nil
	default:
		return time.Time{}, fmt.Errorf("%s is no time; write text such as 2006-01-02T15:04:05Z", kindOf(value))
	}
}

// kindOf names the kind of a value for people.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "nil"
	case bool:
		return "true or false"
	case string:
		return "text"
	case int, int64, float64:
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	case Sealed:
		return "a secret"
	case time.Time:
		return "a time"
	case time.Duration:
		return "a duration"
	default:
		return fmt.Sprintf("a value of type %T", value)
	}
}
