package expression

import (
	"strconv"
	"strings"
	"time"

	"hooktree/engine"
)

// parseDuration reads a duration as trees write it.
func parseDuration(text string) (time.Duration, error) {
	d, err := engine.ParseDuration(text)
	if err != nil {
		return 0, &Fault{Message: err.Error(), Hint: `write it as in "5d" or "1h30m"`}
	}
	return d, nil
}

// formatDuration writes a duration in the form that parseDuration reads.
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
