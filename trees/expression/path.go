package expression

import (
	"maps"
	"slices"
	"strconv"

	"hooktree/engine"
)

// nodesName is the record of the nodes' results.
const nodesName = "nodes"

func nodeID(id string) engine.NodeID { return engine.NodeID(id) }

// path is a member chain that is known when it is compiled: a name of the
// scope, or a value, and the steps from there.
type path struct {
	root     string // empty for a chain that starts at a value
	from     string // what the chain starts at, as written
	steps    []step
	optional bool                   // the scope may lack the root: it is nil then
	answers  map[string]engine.Type // what the root's members are read as, where the chain ends at it
}

// step is one member of a path.
type step struct {
	name     string // of a member; empty for an item
	item     int    // of a list
	optional bool   // `?.`: nil before it and a missing member after it are nil
	nullable bool   // a declared member of a record that leaves empty ones out
	at       span   // of the name
	upTo     string // the chain up to here, as written

	answer engine.Kind // the declared kind of a form's answer; empty for other members
}

// resolve reads the path in a scope.
func (p *path) resolve(scope engine.Scope) (any, error) {
	v, ok := scope[p.root]
	if !ok && !p.optional {
		return nil, &Fault{Message: p.root + " is not known here", Hint: instead("", p.root, slices.Sorted(maps.Keys(scope)))}
	}
	if p.answers != nil {
		return answered(v, p.answers), nil
	}
	return p.walk(v)
}

// walk goes the steps from a value.
func (p *path) walk(v any) (any, error) {
	for i := range p.steps {
		s := &p.steps[i]
		if v == nil {
			if s.optional {
				return nil, nil
			}
			return nil, p.empty(i)
		}
		var err error
		if v, err = p.step(v, i); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (p *path) step(v any, i int) (any, error) {
	s := &p.steps[i]
	if m, ok := v.(map[string]any); ok && s.name != "" {
		member, ok := m[s.name]
		if ok || s.optional || s.nullable {
			return answer(member, s.answer), nil
		}
		return nil, s.fault(p.before(i)+" has no "+quoteName(s.name), instead(p.before(i), s.name, slices.Sorted(maps.Keys(m))))
	}
	key := any(s.name)
	if s.name == "" {
		key = int64(s.item)
	}
	member, err := member(v, key, s.optional)
	if err != nil {
		return nil, s.fault(p.before(i)+" "+err.Message, err.Hint)
	}
	return member, nil
}

// before is the chain in front of a step, as written.
func (p *path) before(i int) string {
	if i > 0 {
		return p.steps[i-1].upTo
	}
	if p.root != "" {
		return p.root
	}
	return p.from
}

// empty is the error of a step from nil.
func (p *path) empty(i int) error {
	s, before := &p.steps[i], p.before(i)
	if p.root == nodesName && i == 1 {
		return s.fault(before+" has no result yet", "write "+before+"?."+s.form()+" where it may not have run")
	}
	return s.fault(before+" is nil, so it has no "+s.form(), "write "+before+"?."+s.form()+" where it may be nil")
}

// form is a step as it is written after a dot.
func (s *step) form() string {
	if s.name == "" {
		return "[" + strconv.Itoa(s.item) + "]"
	}
	if plainName.MatchString(s.name) {
		return s.name
	}
	return "[" + strconv.Quote(s.name) + "]"
}

func (s *step) fault(message, hint string) *Fault {
	return &Fault{Offset: s.at.from, Length: s.at.to - s.at.from, Message: message, Hint: hint}
}

// member reads one member or item of a value by a key. Its fault's message
// follows the name of the value.
func member(v, key any, optional bool) (any, *Fault) {
	if v == nil && optional {
		return nil, nil
	}
	switch v := v.(type) {
	case map[string]any:
		name, ok := key.(string)
		if !ok {
			return nil, &Fault{Message: "is a map: its members are read by text, not by " + valueWord(key)}
		}
		m, ok := v[name]
		if !ok && !optional {
			return nil, &Fault{Message: "has no " + quoteName(name), Hint: instead("", name, slices.Sorted(maps.Keys(v)))}
		}
		return m, nil
	case []any:
		i, fault := position(key, len(v), optional)
		if fault != nil || i < 0 {
			return nil, fault
		}
		return v[i], nil
	case string:
		return nil, &Fault{Message: "is text: it has no members", Hint: "write x[0:1] for a part of it"}
	}
	return nil, &Fault{Message: "is " + valueWord(v) + ": it has no members"}
}

// position turns an index, which counts from the end when it is below zero,
// into a place in a list. It is -1 for one that is missing and forgiven.
func position(key any, length int, optional bool) (int, *Fault) {
	i, ok := integer(key)
	if !ok {
		hint := ""
		if name, isText := key.(string); isText {
			hint = "write map(list, ." + name + ") for all items, or list[0]." + name + " for the first"
		}
		return 0, &Fault{Message: "is read by a number, not by " + valueWord(key), Hint: hint}
	}
	n := int64(length)
	if i < 0 {
		i += n
	}
	if i >= 0 && i < n {
		return int(i), nil
	}
	if optional {
		return -1, nil
	}
	if n == 0 {
		return 0, &Fault{Message: "is empty, so it has no item " + show(key)}
	}
	return 0, &Fault{Message: "has no item " + show(key), Hint: "its items are 0 to " + strconv.FormatInt(n-1, 10)}
}
