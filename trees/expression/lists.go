package expression

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hooktree/engine"
)

// listFunctions are about lists.
func listFunctions() map[string]function {
	return map[string]function{
		"first":   {forms: []any{new(func([]any) any)}, run: end(0)},
		"last":    {forms: []any{new(func([]any) any)}, run: end(-1)},
		"take":    {forms: []any{new(func([]any, int) []any)}, run: take},
		"get":     {forms: []any{new(func(any, any) any)}, run: get},
		"concat":  {forms: []any{new(func(...[]any) []any)}, run: concat},
		"flatten": {forms: []any{new(func([]any) []any)}, run: flatten},
		"reverse": {forms: []any{new(func([]any) []any)}, run: reverse},
		"uniq":    {forms: []any{new(func([]any) []any)}, run: uniq},
		"sort":    {forms: []any{new(func([]any) []any), new(func([]any, string) []any)}, run: sortList},
	}
}

// end reads the first or last item; there is none in an empty list.
func end(index int64) operation {
	return func(_ *frame, a []any) (any, error) {
		v, fault := member(a[0], index, true)
		if fault != nil {
			return nil, &Fault{Message: "first and last take a list, not " + valueWord(a[0])}
		}
		return v, nil
	}
}

func take(_ *frame, a []any) (any, error) {
	list, err := asList("take", a[0])
	if err != nil {
		return nil, err
	}
	n, err := asInteger("take", a[1])
	if err != nil {
		return nil, err
	}
	return list[:max(0, min(n, int64(len(list))))], nil
}

// get reads a member or item that may be missing.
func get(_ *frame, a []any) (any, error) {
	v, fault := member(a[0], a[1], true)
	if fault != nil {
		return nil, &Fault{Message: "what get reads from " + fault.Message, Hint: fault.Hint}
	}
	return v, nil
}

func concat(f *frame, a []any) (any, error) {
	out := []any{}
	for _, v := range a {
		list, err := asList("concat", v)
		if err != nil {
			return nil, err
		}
		if err := f.list(len(list)); err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

func flatten(f *frame, a []any) (any, error) {
	list, err := asList("flatten", a[0])
	if err != nil {
		return nil, err
	}
	return flat(f, []any{}, list)
}

func flat(f *frame, out, list []any) (any, error) {
	if fault := f.enter(); fault != nil {
		return nil, fault
	}
	defer func() { f.depth-- }()
	if err := f.list(len(list)); err != nil {
		return nil, err
	}
	for _, item := range list {
		nested, ok := item.([]any)
		if !ok {
			out = append(out, item)
			continue
		}
		v, err := flat(f, out, nested)
		if err != nil {
			return nil, err
		}
		out = v.([]any)
	}
	return out, nil
}

func reverse(f *frame, a []any) (any, error) {
	list, err := asList("reverse", a[0])
	if err != nil {
		return nil, err
	}
	if err := f.list(len(list)); err != nil {
		return nil, err
	}
	out := slices.Clone(list)
	slices.Reverse(out)
	return out, nil
}

// uniq keeps the first of equal items. Scalars are found by their value, so
// that only lists and maps are compared with one another.
func uniq(f *frame, a []any) (any, error) {
	list, err := asList("uniq", a[0])
	if err != nil {
		return nil, err
	}
	if err := f.list(len(list)); err != nil {
		return nil, err
	}
	out, scalars, others := []any{}, map[any]bool{}, []any{}
	for _, item := range list {
		if key, ok := scalarKey(item); ok {
			if !scalars[key] {
				scalars[key] = true
				out = append(out, item)
			}
			continue
		}
		found, err := holds(f, others, item)
		if err != nil {
			return nil, err
		}
		if !found {
			others, out = append(others, item), append(out, item)
		}
	}
	return out, nil
}

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

func holds(f *frame, list []any, v any) (bool, error) {
	for _, item := range list {
		same, err := f.same(item, v)
		if same || err != nil {
			return same, err
		}
	}
	return false, nil
}

func sortList(f *frame, a []any) (any, error) {
	list, err := asList("sort", a[0])
	if err != nil {
		return nil, err
	}
	order := any("asc")
	if len(a) > 1 {
		order = a[1]
	}
	return sorted(f, list, list, order)
}

// sortBy sorts pairs of an item and what it is sorted by.
func sortBy(f *frame, a []any) (any, error) {
	pairs := a[0].([]any)
	items, keys := make([]any, len(pairs)), make([]any, len(pairs))
	for i, p := range pairs {
		pair := p.([]any)
		items[i], keys[i] = pair[0], pair[1]
	}
	return sorted(f, items, keys, a[1])
}

// sorted orders items by their keys; equal ones keep their order.
func sorted(f *frame, items, keys []any, order any) (any, error) {
	if order != "asc" && order != "desc" {
		return nil, &Fault{Message: "a list is sorted \"asc\" or \"desc\", not " + show(order)}
	}
	if err := f.list(len(items) * (1 + len(strconv.Itoa(len(items)))*3)); err != nil {
		return nil, err
	}
	places := make([]int, len(items))
	for i := range places {
		places[i] = i
	}
	var failed error
	slices.SortStableFunc(places, func(i, j int) int {
		c, err := compare(keys[i], keys[j])
		if err != nil && failed == nil {
			failed = err
		}
		if order == "desc" {
			return -c
		}
		return c
	})
	if failed != nil {
		return nil, failed
	}
	out := make([]any, len(items))
	for i, place := range places {
		out[i] = items[place]
	}
	return out, nil
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

func sum(f *frame, a []any) (any, error) {
	list, err := asList("sum", a[0])
	if err != nil {
		return nil, err
	}
	if err := f.spend(len(list)); err != nil {
		return nil, err
	}
	var total any = int64(0)
	for i, item := range list {
		if d, ok := item.(time.Duration); ok && i == 0 {
			total = d
			continue
		}
		if total, err = add(f, []any{total, item}); err != nil {
			return nil, err
		}
	}
	return total, nil
}

// groupBy makes a map of lists of pairs of an item and its group.
func groupBy(f *frame, a []any) (any, error) {
	out := map[string]any{}
	for _, p := range a[0].([]any) {
		pair := p.([]any)
		name, fault := f.text(pair[1])
		if fault != nil {
			return nil, &Fault{Message: "a group needs a name: this one is nil", Hint: `give a default: groupBy(list, .x ?? "none")`}
		}
		group, _ := out[name].([]any)
		out[name] = append(group, pair[0])
	}
	return out, nil
}

// slice cuts a part of a list or text, from and to counted from the end when
// they are below zero.
func slice(f *frame, a []any) (any, error) {
	length, runes := 0, []rune(nil)
	switch v := a[0].(type) {
	case []any:
		length = len(v)
	case string:
		if err := f.grow(len(v) * 4); err != nil {
			return nil, err
		}
		runes = []rune(v)
		length = len(runes)
	default:
		return nil, &Fault{Message: "only lists and texts have a part [from:to], not " + valueWord(v)}
	}
	from, err := cut(a[1], 0, length)
	if err != nil {
		return nil, err
	}
	to, err := cut(a[2], length, length)
	if err != nil {
		return nil, err
	}
	from = min(from, to)
	if list, ok := a[0].([]any); ok {
		return list[from:to:to], nil
	}
	return string(runes[from:to]), nil
}

// cut turns one end of a part into a place from 0 to length.
func cut(v any, absent, length int) (int, error) {
	if v == nil {
		return absent, nil
	}
	i, ok := integer(v)
	if !ok {
		return 0, &Fault{Message: "a part is cut at integers, not at " + valueWord(v)}
	}
	n := int64(length)
	if i < 0 {
		i += n
	}
	return int(max(0, min(i, n))), nil
}

// numbers is the list from one integer to another.
func numbers(f *frame, a []any) (any, error) {
	from, ok := integer(a[0])
	to, okTo := integer(a[1])
	if !ok || !okTo {
		return nil, &Fault{Message: "a range goes from one integer to another, not from " + valueWord(a[0]) + " to " + valueWord(a[1])}
	}
	if to < from {
		return []any{}, nil
	}
	size := uint64(to) - uint64(from) + 1
	if size == 0 || size > MaxNodes {
		size = MaxNodes + 1
	}
	if err := f.list(int(size)); err != nil {
		return nil, err
	}
	out := make([]any, size)
	for i := range out {
		out[i] = from + int64(i)
	}
	return out, nil
}

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
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false, secretIn(b)
		}
		for i := range x {
			if same, err := f.same(x[i], y[i]); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false, secretIn(b)
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
	return sameScalar(a, b), secretIn(b)
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

// mapFunctions are about maps, whose names they take in order.
func mapFunctions() map[string]function {
	return map[string]function{
		"keys":      {forms: []any{new(func(map[string]any) []any), new(func(map[any][]any) []any)}, run: keys},
		"toPairs":   {forms: []any{new(func(map[string]any) []any), new(func(map[any][]any) []any)}, run: toPairs},
		"fromPairs": {forms: []any{new(func([]any) map[string]any)}, run: fromPairs},
	}
}

func keys(f *frame, a []any) (any, error) {
	m, err := asMap("keys", a[0])
	if err != nil {
		return nil, err
	}
	if err := f.list(len(m)); err != nil {
		return nil, err
	}
	out := make([]any, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, name)
	}
	return out, nil
}

func toPairs(f *frame, a []any) (any, error) {
	m, err := asMap("toPairs", a[0])
	if err != nil {
		return nil, err
	}
	if err := f.list(len(m) * 3); err != nil {
		return nil, err
	}
	out := make([]any, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, []any{name, m[name]})
	}
	return out, nil
}

func fromPairs(f *frame, a []any) (any, error) {
	list, err := asList("fromPairs", a[0])
	if err != nil {
		return nil, err
	}
	if err := f.list(len(list) * 3); err != nil {
		return nil, err
	}
	out := make(map[string]any, len(list))
	for _, item := range list {
		pair, ok := item.([]any)
		if !ok || len(pair) != 2 {
			return nil, &Fault{Message: "fromPairs takes a list of pairs: [[name, value], ...]"}
		}
		name, err := asText("the name in a pair", pair[0])
		if err != nil {
			return nil, err
		}
		out[name] = pair[1]
	}
	return out, nil
}
