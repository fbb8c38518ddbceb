package engine_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"hooktree/engine"
)

// tiny is the expression language of the scripts: just enough to see Step work.
//
//	nodes.a.n          a path; an undefined member raises
//	nodes.a?           a path that gives nil instead
//	not PATH           the opposite of a path
//	PATH == 3          also != > <; the right side is JSON
//	{"n": "=nodes.a"}  JSON; texts that begin with = are expressions
//	secret NAME        a sealed reference
//	raise TEXT         always fails
type tiny struct {
	text string
	eval func(engine.Scope) (any, error)
}

func (x tiny) Eval(s engine.Scope) (any, error) { return x.eval(s) }
func (x tiny) String() string                   { return x.text }

var nodePath = regexp.MustCompile(`nodes\.([a-z][a-z0-9_]*)`)

func (x tiny) Reads() []engine.NodeID {
	named := map[engine.NodeID]bool{}
	for _, m := range nodePath.FindAllStringSubmatch(x.text, -1) {
		named[engine.NodeID(m[1])] = true
	}
	return slices.Sorted(maps.Keys(named))
}

var comparison = regexp.MustCompile(`^([a-z][\w.?]*) (==|!=|>|<) (.+)$`)

// parse reads an expression of the tiny language.
func parse(text string) (tiny, error) {
	x := tiny{text: text}
	if message, ok := strings.CutPrefix(text, "raise "); ok {
		x.eval = func(engine.Scope) (any, error) { return nil, errors.New(message) }
		return x, nil
	}
	if name, ok := strings.CutPrefix(text, "secret "); ok {
		x.eval = func(engine.Scope) (any, error) { return engine.Secret(name), nil }
		return x, nil
	}
	if path, ok := strings.CutPrefix(text, "not "); ok {
		x.eval = func(s engine.Scope) (any, error) {
			v, err := look(s, path)
			return v != true, err
		}
		return x, nil
	}
	if m := comparison.FindStringSubmatch(text); m != nil {
		want, err := decode(m[3])
		x.eval = func(s engine.Scope) (any, error) {
			got, err := look(s, m[1])
			if err != nil {
				return nil, err
			}
			return compare(got, m[2], want)
		}
		return x, err
	}
	if value, err := decode(text); err == nil {
		x.eval = func(s engine.Scope) (any, error) { return fill(s, value) }
		return x, nil
	}
	x.eval = func(s engine.Scope) (any, error) { return look(s, text) }
	return x, nil
}

func decode(text string) (any, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return whole(v), nil
}

// whole turns integral numbers into int64, as scopes hold them.
func whole(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = whole(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = whole(v[k])
		}
	}
	return v
}

// fill evaluates the expressions inside a JSON value.
func fill(s engine.Scope, v any) (any, error) {
	switch v := v.(type) {
	case string:
		text, ok := strings.CutPrefix(v, "=")
		if !ok {
			return v, nil
		}
		x, err := parse(text)
		if err != nil {
			return nil, err
		}
		return x.Eval(s)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = fill(s, v[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		m := make(map[string]any, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			var err error
			if m[k], err = fill(s, v[k]); err != nil {
				return nil, err
			}
		}
		return m, nil
	default:
		return v, nil
	}
}

func look(s engine.Scope, path string) (any, error) {
	path, forgive := strings.CutSuffix(path, "?")
	var at any = map[string]any(s)
	for step := range strings.SplitSeq(path, ".") {
		m, ok := at.(map[string]any)
		if ok {
			at, ok = m[step]
		}
		if !ok && forgive {
			return nil, nil
		}
		if !ok {
			return nil, fmt.Errorf("%s: there is no %s", path, step)
		}
	}
	return at, nil
}

func compare(got any, op string, want any) (any, error) {
	a, aok := got.(int64)
	b, bok := want.(int64)
	switch {
	case op == "==":
		return got == want, nil
	case op == "!=":
		return got != want, nil
	case !aok || !bok:
		return nil, fmt.Errorf("%v %s %v: these have no order", got, op, want)
	case op == ">":
		return a > b, nil
	default:
		return a < b, nil
	}
}
