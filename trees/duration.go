package trees

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// units are the endings of a duration's parts.
var units = map[byte]time.Duration{
	's': time.Second,
	'm': time.Minute,
	'h': time.Hour,
	'd': 24 * time.Hour,
	'w': 7 * 24 * time.Hour,
}

// parseDuration reads a duration such as "2d", "1h30m" or "-5m": whole or
// decimal numbers, each with one of the units s, m, h, d and w. A day has 24
// hours. "0" needs no unit.
func parseDuration(text string) (time.Duration, error) {
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
			unit, ok := units[c]
			if !ok {
				return 0, "", fmt.Errorf("has the unit %q; the units are s, m, h, d and w", text[i:i+1])
			}
			if digits == 0 {
				return 0, "", fmt.Errorf("has no number before %q", text[i:i+1])
			}
			return nanoseconds * float64(unit) / max(scale, 1), text[i+1:], nil
		}
	}
	return 0, "", fmt.Errorf("ends without a unit; the units are s, m, h, d and w")
}

const durationHint = "write a number and a unit, such as 30s, 5m, 2h, 2d or 1w"
