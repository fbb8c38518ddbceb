package expression

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"

	"hooktree/engine"
)

// Functions whose names begin so can't be written by an author: a dollar is no
// beginning of a name, and a dot is in none.
const (
	internal     = "$"
	methodPrefix = "."
)

// operation is the work of a function of ours. It is given the frame of the
// evaluation and the arguments, whose number has been checked; their types
// have been where they were known.
type operation func(f *frame, arguments []any) (any, error)

// functions are those of ours by name. They stand before expr's own of the
// same name, which are less exact, ordered or bounded.
var functions = table()

// allowed are the functions of expr that are taken as they are.
var allowed = map[string]bool{
	"all": true, "none": true, "any": true, "one": true, "filter": true, "map": true, "find": true, "findIndex": true,
	"findLast": true, "findLastIndex": true, "count": true, "sum": true, "groupBy": true, "sortBy": true, "reduce": true,
	"trim": true, "trimPrefix": true, "trimSuffix": true, "hasPrefix": true, "hasSuffix": true,
	"fromBase64": true, "mean": true, "median": true, "min": true, "max": true,
}

// functionNames lists what may be called, sorted.
func functionNames() []string {
	var names []string
	for name := range functions {
		if !strings.HasPrefix(name, internal) && !strings.HasPrefix(name, methodPrefix) {
			names = append(names, name)
		}
	}
	names = append(names, slices.Collect(maps.Keys(allowed))...)
	slices.Sort(names)
	return names
}

func table() conf.FunctionsTable {
	t := conf.FunctionsTable{}
	for _, group := range []map[string]function{
		textFunctions(), numberFunctions(), listFunctions(), mapFunctions(), timeFunctions(), secretFunctions(), internals(),
	} {
		for name, fn := range group {
			t[name] = fn.named(name)
		}
	}
	return t
}

// function is an operation with the Go types of its forms, by which the
// checker knows its arguments and result.
type function struct {
	forms []any // pointers to functions, such as new(func(string) string)
	run   operation
}

func (fn function) named(name string) *builtin.Function {
	types := make([]reflect.Type, len(fn.forms))
	for i, form := range fn.forms {
		types[i] = reflect.TypeOf(form).Elem()
	}
	return &builtin.Function{
		Name: name, Types: types,
		Func: func(arguments ...any) (any, error) { return fn.run(arguments[0].(*frame), arguments[1:]) },
	}
}

// internals are what the lowerer calls.
func internals() map[string]function {
	return map[string]function{
		"$path": {run: func(f *frame, a []any) (any, error) { return a[0].(*path).resolve(f.scope) }},
		"$openPath": {run: func(f *frame, a []any) (any, error) {
			v, err := a[0].(*path).resolve(f.scope)
			if err != nil {
				return nil, err
			}
			return open(v)
		}},
		"$open":     {run: func(_ *frame, a []any) (any, error) { return open(a[0]) }},
		"$walk":     {run: walk},
		"$member":   {run: computed},
		"$end":      {run: func(_ *frame, a []any) (any, error) { return unlessSkipped(a[0]), nil }},
		"$bool":     {run: boolean},
		"$key":      {run: func(_ *frame, a []any) (any, error) { return asText("the key of a map", a[0]) }},
		"$int":      {run: func(_ *frame, a []any) (any, error) { return widen(a[0]), nil }},
		"$loop":     {run: loop},
		"$pay":      {run: pay},
		"$see":      {run: see},
		"$join":     {run: interpolate},
		"$slice":    {run: slice},
		"$sum":      {run: sum},
		"$groupBy":  {run: groupBy},
		"$sortBy":   {run: sortBy},
		"$==":       {run: equal},
		"$in":       {run: in},
		"$matches":  {run: matches},
		"$contains": {run: contains},
		"$+":        {run: add},
		"$-":        {run: subtract},
		"$*":        {run: multiply},
		"$/":        {run: divide},
		"$%":        {run: remainder},
		"$**":       {run: power},
		"$..":       {run: numbers},
	}
}

// skipped is what a computed step makes of a nil that `?.` forgives: the rest
// of its chain is left out.
type skipped struct{}

func walk(_ *frame, a []any) (any, error) {
	if _, ok := a[0].(skipped); ok {
		return a[0], nil
	}
	return a[1].(*path).walk(a[0])
}

func computed(_ *frame, a []any) (any, error) {
	at := a[2].(*access)
	switch a[0].(type) {
	case skipped:
		return a[0], nil
	case nil:
		if at.optional {
			return skipped{}, nil
		}
		return nil, &Fault{Message: at.of + " is nil, so it has no members", Hint: "write " + at.of + "?.[...] where it may be nil"}
	}
	v, fault := member(a[0], a[1], at.optional)
	if fault != nil {
		return nil, &Fault{Message: at.of + " " + fault.Message, Hint: fault.Hint}
	}
	return v, nil
}

func unlessSkipped(v any) any {
	if _, ok := v.(skipped); ok {
		return nil
	}
	return v
}

// boolean passes true and false.
func boolean(_ *frame, a []any) (any, error) {
	if b, ok := a[0].(bool); ok {
		return b, nil
	}
	text := a[1].(string)
	if a[0] == nil {
		return nil, &Fault{Message: text + " is nil, where true or false is needed", Hint: "write " + text + " ?? false"}
	}
	return nil, &Fault{
		Message: text + " is " + valueWord(a[0]) + ", where true or false is needed",
		Hint:    "compare it, as in " + text + " != nil",
	}
}

// open passes what is no secret.
func open(v any) (any, error) {
	if _, ok := v.(engine.Sealed); ok {
		return nil, &Fault{
			Message: "a secret can't be used here: it is known only when it is sent",
			Hint:    "join it into text, or give it to basic() or hmac()",
		}
	}
	return v, nil
}

// loop passes a list to a loop and pays for going through it.
func loop(f *frame, a []any) (any, error) {
	list, ok := a[0].([]any)
	if !ok {
		fault := &Fault{Message: a[2].(string) + " goes through a list, not through " + valueWord(a[0])}
		switch a[0].(type) {
		case nil:
			fault.Hint = "give an empty list: (x ?? [])"
		case map[string]any:
			fault.Hint = "for a map: toPairs(x)"
		}
		return nil, fault
	}
	return list, f.spend(len(list) * a[1].(int))
}

// pay passes an argument of a function of expr's, which looks at all of it.
func pay(f *frame, a []any) (any, error) {
	var err error
	switch v := a[0].(type) {
	case []any:
		err = f.spend(len(v))
	case string:
		err = f.scan(v)
	}
	return a[0], err
}

// see writes down what a sub-expression is worth.
func see(f *frame, a []any) (any, error) {
	s := &f.seen[a[0].(int)]
	s.Value, s.Evaluated = a[1], true
	return a[1], nil
}

func widen(v any) any {
	if i, ok := v.(int); ok {
		return int64(i)
	}
	return v
}

// integer reads a whole number of either Go type.
func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	}
	return 0, false
}

// asText passes text.
func asText(what string, v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	hint := ""
	switch v.(type) {
	case nil:
		hint = `give a default: (x ?? "")`
	case int64, float64:
		hint = "write string(x)"
	}
	return "", &Fault{Message: what + " must be text, not " + valueWord(v), Hint: hint}
}

// asList passes lists.
func asList(what string, v any) ([]any, error) {
	if l, ok := v.([]any); ok {
		return l, nil
	}
	hint := ""
	if v == nil {
		hint = "give a default: (x ?? [])"
	}
	return nil, &Fault{Message: what + " takes a list, not " + valueWord(v), Hint: hint}
}

// asMap passes maps.
func asMap(what string, v any) (map[string]any, error) {
	if m, ok := v.(map[string]any); ok {
		return m, nil
	}
	hint := ""
	if v == nil {
		hint = "give a default: (x ?? {})"
	}
	return nil, &Fault{Message: what + " takes a map, not " + valueWord(v), Hint: hint}
}

// asInteger passes whole numbers.
func asInteger(what string, v any) (int64, error) {
	if i, ok := integer(v); ok {
		return i, nil
	}
	return 0, &Fault{Message: what + " takes an integer, not " + valueWord(v)}
}
