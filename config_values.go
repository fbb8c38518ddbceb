package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// Size is a number of bytes, written with a unit: 512kB, 10GB, 1GiB.
type Size int64

// UnmarshalText reads a size as people write it.
func (s *Size) UnmarshalText(text []byte) error {
	n, err := humanize.ParseBytes(string(text))
	if err != nil || n > math.MaxInt64 {
		return fmt.Errorf("%q is not a size such as 512kB, 10GB or 1GiB", text)
	}
	*s = Size(n)
	return nil
}

// Age is a span that may be days long: 90d, or any duration such as 36h.
type Age time.Duration

// day is what an Age means by one: calendars don't matter at this length.
const day = 24 * time.Hour

// UnmarshalText reads an age as people write it.
func (a *Age) UnmarshalText(text []byte) error {
	span, err := parseAge(string(text))
	if err != nil || span < 0 {
		return fmt.Errorf("%q is not an age such as 90d or 36h", text)
	}
	*a = Age(span)
	return nil
}

func parseAge(text string) (time.Duration, error) {
	days, isDays := strings.CutSuffix(text, "d")
	if !isDays {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseUint(days, 10, 16) // 16 bits of days are 179 years, which fit a Duration
	return time.Duration(n) * day, err
}

// Password is a text that logs and error messages don't show.
type Password string

// String hides the password.
func (p Password) String() string {
	if p == "" {
		return ""
	}
	return "•••"
}
