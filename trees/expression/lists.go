package expression

import (
	"slices"
	"strconv"
	"time"
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
	var length int
	var runes []rune
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
