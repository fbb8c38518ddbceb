package expression

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"hooktree/engine"
)

// equal compares two values of any kind.
func equal(f *frame, a []any) (any, error) {
	same, err := f.same(a[0], a[1])
	if err != nil {
		return nil, err
	}
	return same, nil
}

// same compares deeply: an integer equals a float of the same amount.
func (f *frame) same(a, b any) (bool, error) {
	if fault := f.enter(); fault != nil {
		return false, fault
	}
	defer func() { f.depth-- }()
	switch x := a.(type) {
	case engine.Sealed:
		_, err := open(a)
		return false, err
	case []any:
		if y, ok := b.([]any); ok {
			return f.sameLists(x, y)
		}
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			return f.sameMaps(x, y)
		}
	}
	return sameScalar(a, b), secretIn(b)
}

func (f *frame) sameLists(x, y []any) (bool, error) {
	if len(x) != len(y) {
		return false, nil
	}
	for i := range x {
		if same, err := f.same(x[i], y[i]); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (f *frame) sameMaps(x, y map[string]any) (bool, error) {
	if len(x) != len(y) {
		return false, nil
	}
	for _, name := range slices.Sorted(maps.Keys(x)) {
		other, ok := y[name]
		if !ok {
			return false, nil
		}
		if same, err := f.same(x[name], other); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

func secretIn(v any) error {
	_, err := open(v)
	return err
}

func sameScalar(a, b any) bool {
	x, ok := scalarKey(a)
	y, okB := scalarKey(b)
	if ok && okB {
		return x == y
	}
	s, ok := a.(time.Time)
	t, okB := b.(time.Time)
	return ok && okB && s.Equal(t)
}

// in looks for an item in a list or a name in a map.
func in(f *frame, a []any) (any, error) {
	if _, err := open(a[0]); err != nil {
		return nil, err
	}
	switch v := a[1].(type) {
	case nil:
		return false, nil
	case []any:
		return holds(f, v, a[0])
	case map[string]any:
		name, err := asText("what is looked for in a map", a[0])
		if err != nil {
			return nil, err
		}
		_, ok := v[name]
		return ok, nil
	case string:
		return nil, &Fault{Message: "in looks in lists and maps, not in text", Hint: "write text contains part"}
	}
	return nil, &Fault{Message: "in looks in lists and maps, not in " + valueWord(a[1])}
}

// matches asks a regular expression, whose time grows with the text.
func matches(f *frame, a []any) (any, error) {
	if a[0] == nil {
		return false, nil
	}
	s, err := asText("what is matched", a[0])
	if err != nil {
		return nil, err
	}
	if re, ok := a[1].(*regexp.Regexp); ok {
		if err := f.spend(matching(s, re.String())); err != nil {
			return nil, err
		}
		return re.MatchString(s), nil
	}
	pattern, err := asText("the pattern", a[1])
	if err != nil {
		return nil, err
	}
	if err := f.spend(matching(s, pattern) + 16*len(pattern)); err != nil {
		return nil, err
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, &Fault{Message: "the pattern is not a regular expression: " + err.Error(), Hint: "the syntax is RE2's"}
	}
	return re.MatchString(s), nil
}

// matching is what looking for a pattern costs.
func matching(s, pattern string) int { return len(s) / 2 * (1 + len(pattern)/16) }

// scalarKey is a map key that is equal for equal scalars.
func scalarKey(v any) (any, bool) {
	switch v := v.(type) {
	case nil, bool, string, int64:
		return v, true
	case int:
		return int64(v), true
	case float64:
		if i := int64(v); float64(i) == v && math.Abs(v) < 1<<53 {
			return i, true
		}
		return v, true
	case time.Duration:
		return v, true
	}
	return nil, false
}

// compare orders two numbers, texts, times, durations or conditions.
func compare(a, b any) (int, error) {
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), nil
		}
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y), nil
		}
	case time.Duration:
		if y, ok := b.(time.Duration); ok {
			return sign(int64(x), int64(y)), nil
		}
	case bool:
		if y, ok := b.(bool); ok {
			return sign(rank(x), rank(y)), nil
		}
	}
	if !isNumber(a) || !isNumber(b) {
		return 0, &Fault{
			Message: valueWord(a) + " and " + valueWord(b) + " have no order between them",
			Hint:    "filter the list before, or give a default: sortBy(list, .x ?? 0)",
		}
	}
	i, x, whole, _ := amount(a)
	j, y, wholes, _ := amount(b)
	if whole && wholes {
		return sign(i, j), nil
	}
	return sign(x, y), nil
}

func sign[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func rank(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
