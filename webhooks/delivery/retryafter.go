package delivery

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxAsked is the longest wait that ParseRetryAfter gives; policies bound it
// further.
const maxAsked = 365 * 24 * time.Hour

// ParseRetryAfter reads a Retry-After header: a number of seconds or an HTTP
// date (RFC 9110, section 10.2.3). A date in the past is a wait of zero. It
// reports false for a header that is absent or is neither.
func ParseRetryAfter(header string, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(header)
	if text == "" {
		return 0, false
	}
	if strings.Trim(text, "0123456789") == "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds > int64(maxAsked/time.Second) { // more digits than fit is a long wait too
			return maxAsked, true
		}
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), maxAsked), true
}
