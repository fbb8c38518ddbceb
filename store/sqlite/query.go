package sqlite

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"hooktree/jobs"
)

// query builds one select from a filter's members.
type query struct {
	head  string
	where []string
	by    string // its order, where that depends on a filter
	tail  string
	args  []any
}

func newQuery(head string) *query { return &query{head: head} }

// and adds a condition.
func (q *query) and(condition string, args ...any) {
	q.where = append(q.where, condition)
	q.args = append(q.args, args...)
}

// andIf adds a condition that the filter asks for.
func (q *query) andIf(wanted bool, condition string, args ...any) {
	if wanted {
		q.and(condition, args...)
	}
}

// andIn adds "column in (...)"; an empty list asks for nothing.
func (q *query) andIn(column string, values []any) {
	if len(values) > 0 {
		q.and(column+" in (?"+strings.Repeat(", ?", len(values)-1)+")", values...)
	}
}

// between adds the bounds of a time: from is included, to is not.
func (q *query) between(column string, from, to time.Time) {
	q.andIf(!from.IsZero(), column+" >= ?", millis(from))
	q.andIf(!to.IsZero(), column+" < ?", millis(to))
}

func (q *query) order(by string, limit int) {
	q.tail = fmt.Sprintf(" order by %s limit %d", by, limit)
}

func (q *query) text() string {
	text := q.head
	if len(q.where) > 0 {
		text += " where " + strings.Join(q.where, " and ")
	}
	return text + q.tail
}

// scanner is a row that can be read.
type scanner interface{ Scan(dest ...any) error }

// Bounds of a page.
const (
	pageDefault = 50
	pageMost    = 1000
)

func pageLimit(limit int) int {
	if limit <= 0 {
		return pageDefault
	}
	return min(limit, pageMost)
}

// cut takes the row off that was read to see whether there are more.
func cut[T any](list []T, limit int) ([]T, bool) {
	if len(list) <= limit {
		return list, false
	}
	return list[:limit], true
}

// A cursor is the key of the last row of a page, in base64.

func cursorOfNumber(n int64) string {
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, uint64(n)))
}

func numberCursor(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) != 8 {
		return 0, fmt.Errorf("cursor %q: %w", cursor, jobs.ErrCursor)
	}
	return int64(binary.BigEndian.Uint64(b)), nil
}

func cursorOfID(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

func idCursor(cursor string) ([]byte, error) {
	if cursor == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) != 16 {
		return nil, fmt.Errorf("cursor %q: %w", cursor, jobs.ErrCursor)
	}
	return b, nil
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// idSlack is how far the time in a job's id may be from that of its row: they
// are taken one after the other.
const idSlack = time.Minute

// idFloor is the least version 7 UUID of a time.
func idFloor(t time.Time) []byte {
	id := make([]byte, 16)
	ms := uint64(t.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	return id
}

// newest merges lists that are each newest first: it keeps the limit rows of
// the greatest keys, in falling order.
func newest[T any, K cmp.Ordered](list []T, limit int, key func(*T) K) []T {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(key(&b), key(&a)) })
	return list[:min(limit, len(list))]
}
