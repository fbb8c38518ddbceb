package delivery

import (
	"fmt"
	"net/http"
	"time"
)

// Attempt is one try of a delivery, as it ended.
type Attempt struct {
	Number     int       // counted from one
	Ended      time.Time // waits count from here
	Status     int       // of the answer; zero when none came
	RetryAfter string    // header of the answer, as it came
	Refused    bool      // by the address guard: nothing was sent
	TimedOut   bool      // no answer came within Policy.Timeout
	Err        string    // what went wrong when no answer came, for people
	Jitter     float64   // in [0, 1): how much of Stretch is added
}

func (a Attempt) trouble() string {
	if a.Status != 0 {
		return "the endpoint answered " + statusText(a.Status)
	}
	if a.Err != "" {
		return a.Err
	}
	if a.TimedOut {
		return "no answer came in time"
	}
	return "no answer came"
}

func statusText(status int) string {
	if text := http.StatusText(status); text != "" {
		return fmt.Sprintf("%d %s", status, text)
	}
	return fmt.Sprint(status)
}
