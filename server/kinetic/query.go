package kinetic

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The bounds of lists.
const (
	defaultLimit = 100
	maxLimit     = 1000
	// window is how many rows of the history a list by offset looks at. A
	// count stops there too; what lies beyond is reached by a narrower filter.
	window = 10_000
)

// number reads a whole number that is not negative; def when it is not given.
func (r *request) number(name string, def int64) (int64, error) {
	sent := r.Query.Get(name)
	if sent == "" {
		return def, nil
	}
	n, err := strconv.ParseInt(sent, 10, 64)
	if err != nil || n < 0 {
		return 0, invalid("%s=%s is no number from 0 upwards", name, clip(sent))
	}
	return n, nil
}

// choice reads a parameter that has a fixed set of values, in any case.
func (r *request) choice(name string, known ...string) (string, error) {
	sent := r.Query.Get(name)
	i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, sent) })
	switch {
	case sent == "":
		return "", nil
	case i < 0:
		return "", invalid("%s=%s is not known here; it is one of %s", name, clip(sent), strings.Join(known, ", "))
	default:
		return known[i], nil
	}
}

// flag reads a parameter that is true or false.
func (r *request) flag(name string, def bool) (bool, error) {
	switch strings.ToLower(r.Query.Get(name)) {
	case "":
		return def, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, invalid("%s=%s is neither true nor false", name, clip(r.Query.Get(name)))
	}
}

// time reads a time; the zero time when it is not given.
func (r *request) time(name string) (time.Time, error) {
	sent := r.Query.Get(name)
	if sent == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, sent); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, invalid("%s=%s is no time; write it as 2026-04-08T02:35:35.925Z", name, clip(sent))
}

// span reads the times that bound a list: start is included, end is not.
func (r *request) span() (from, to time.Time, err error) {
	if from, err = r.time("start"); err != nil {
		return from, to, err
	}
	to, err = r.time("end")
	return from, to, err
}

// any gives the first of some parameters that is there: clients name some of
// them in more than one way.
func (r *request) any(names ...string) string {
	for _, name := range names {
		if v := r.Query.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// paging is the part of a list that a request wants.
type paging struct {
	limit     int
	offset    int
	count     bool // false: more is told in place of count
	ascending bool
}

// paging reads the parameters of a list by offset. Descending says which way
// the list goes when the request does not.
func (r *request) paging(descending bool) (paging, error) {
	limit, err := r.number("limit", defaultLimit)
	if err != nil {
		return paging{}, err
	}
	offset, err := r.number("offset", 0)
	if err != nil {
		return paging{}, err
	}
	if offset >= window {
		return paging{}, invalid("offset=%d is too far: the first %d can be paged through; narrow the list by start and end", offset, window)
	}
	count, err := r.flag("count", true)
	if err != nil {
		return paging{}, err
	}
	direction, err := r.choice("direction", "ASC", "DESC")
	if err != nil {
		return paging{}, err
	}
	return paging{
		limit: int(min(limit, maxLimit)), offset: int(offset), count: count,
		ascending: direction == "ASC" || direction == "" && !descending,
	}, nil
}

// listing is the vendor's envelope of a list.
func (p paging) listing(key string, rows any, count int, more bool) map[string]any {
	out := map[string]any{"limit": p.limit, "offset": p.offset, key: rows}
	if p.count {
		out["count"] = count
	} else {
		out["more"] = more
	}
	return out
}

// cut gives the part of rows that is wanted, of rows that are all there.
func cut[R any](p paging, rows []R) (part []R, more bool) {
	from := min(p.offset, len(rows))
	to := min(from+p.limit, len(rows))
	return rows[from:to], to < len(rows)
}

// listed gives a whole list in the vendor's envelope.
func listed[R any](p paging, key string, rows []R) map[string]any {
	part, more := cut(p, rows)
	if part == nil {
		part = []R{}
	}
	return p.listing(key, part, len(rows), more)
}
