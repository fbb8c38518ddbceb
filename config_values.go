package main

import (
	"fmt"
	"math"
	"time"

	"github.com/dustin/go-humanize"

	"hooktree/engine"
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

// Age is a span that may be days long, such as 90d or 36h.
type Age time.Duration

// UnmarshalText reads an age as people write it.
func (a *Age) UnmarshalText(text []byte) error {
	span, err := engine.ParseDuration(string(text))
	if err != nil || span < 0 {
		return fmt.Errorf("%q is not an age such as 90d or 36h", text)
	}
	*a = Age(span)
	return nil
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
