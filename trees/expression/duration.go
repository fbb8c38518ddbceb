package expression

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// units are the units of a duration; days and weeks are of 24 hours, whatever
// a calendar says.
var units = []struct {
	name string
	size time.Duration
}{
	{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"ms", time.Millisecond}, {"s", time.Second},
}

// ParseDuration reads a duration such as "5d", "1h30m" or "1.5s". The units
// are s, m, h, d and w, and ms.
func ParseDuration(text string) (time.Duration, error) {
	fault := &Fault{
		Message: "the text " + show(text) + " is not a duration",
		Hint:    `write a number and a unit, s m h d or w, as in "5d" or "1h30m"`,
	}
	rest, negative := strings.CutPrefix(strings.TrimSpace(text), "-")
	if rest == "0" {
		return 0, nil
	}
	if rest == "" {
		return 0, fault
	}
	var total float64
	var exact time.Duration
	for rest != "" {
		number := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789."))]
		rest = rest[len(number):]
		unit := rest[:len(rest)-len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz"))]
		rest = rest[len(unit):]
		size, ok := unitSize(unit)
		count, err := strconv.ParseFloat(number, 64)
		if !ok || err != nil {
			return 0, fault
		}
		total += count * float64(size)
		if whole, err := strconv.ParseInt(number, 10, 64); err == nil {
			exact += time.Duration(whole) * size
		} else {
			exact += time.Duration(math.Round(count * float64(size)))
		}
	}
	if total > math.MaxInt64/2 {
		return 0, &Fault{Message: "the duration " + show(text) + " is longer than 146 years"}
	}
	if negative {
		return -exact, nil
	}
	return exact, nil
}

func unitSize(name string) (time.Duration, bool) {
	for _, u := range units {
		if u.name == name {
			return u.size, true
		}
	}
	return 0, false
}

// formatDuration writes a duration in the form that ParseDuration reads.
func formatDuration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	if d < 0 {
		b.WriteByte('-')
	}
	rest := magnitude(d)
	for _, u := range []struct {
		name string
		size uint64
	}{{"d", uint64(24 * time.Hour)}, {"h", uint64(time.Hour)}, {"m", uint64(time.Minute)}} {
		if n := rest / u.size; n > 0 {
			b.WriteString(strconv.FormatUint(n, 10) + u.name)
			rest %= u.size
		}
	}
	if rest > 0 {
		seconds := strconv.FormatFloat(float64(rest)/float64(time.Second), 'f', -1, 64)
		b.WriteString(seconds + "s")
	}
	return b.String()
}

// magnitude is the size of d, also of the one whose negative does not fit.
func magnitude(d time.Duration) uint64 {
	if d < 0 {
		return uint64(-(d + 1)) + 1
	}
	return uint64(d)
}
