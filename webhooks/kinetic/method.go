package kinetic

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// method is what a text, a list, or either may be asked.
type method struct {
	least, most int // arguments
	text        func(s string, args []any) any
	list        func(items []any, args []any) any
}

func (m method) takes() string {
	if m.least == m.most {
		return fmt.Sprintf("%d arguments", m.least)
	}
	return fmt.Sprintf("%d to %d arguments", m.least, m.most)
}

// methods are those that real definitions use, and their nearest kin.
var methods = map[string]method{
	"indexOf": {
		least: 1, most: 1,
		text: func(s string, args []any) any {
			i := strings.Index(s, textOf(args[0]))
			if i < 0 {
				return int64(-1)
			}
			return units(s[:i])
		},
		list: func(items []any, args []any) any { return int64(position(items, args[0])) },
	},
	"includes": {
		least: 1, most: 1,
		text: func(s string, args []any) any { return strings.Contains(s, textOf(args[0])) },
		list: func(items []any, args []any) any { return position(items, args[0]) >= 0 },
	},
	"startsWith": {
		least: 1, most: 1,
		text: func(s string, args []any) any { return strings.HasPrefix(s, textOf(args[0])) },
	},
	"endsWith": {
		least: 1, most: 1,
		text: func(s string, args []any) any { return strings.HasSuffix(s, textOf(args[0])) },
	},
	"toLowerCase": {text: func(s string, _ []any) any { return strings.ToLower(s) }},
	"toUpperCase": {text: func(s string, _ []any) any { return strings.ToUpper(s) }},
	"trim":        {text: func(s string, _ []any) any { return strings.TrimSpace(s) }},
	"toString": {
		text: func(s string, _ []any) any { return s },
		list: func(items []any, _ []any) any { return textOf(items) },
	},
	"join": {
		most: 1,
		list: func(items []any, args []any) any {
			separator := ","
			if len(args) == 1 {
				separator = textOf(args[0])
			}
			texts := make([]string, len(items))
			for i, item := range items {
				texts[i] = textOf([]any{item})
			}
			return strings.Join(texts, separator)
		},
	},
}

func position(items []any, want any) int {
	return slices.IndexFunc(items, func(item any) bool { return same(item, want) })
}

func knownMethods() string {
	return strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
}
