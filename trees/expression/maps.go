package expression

import (
	"maps"
	"slices"
)

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
