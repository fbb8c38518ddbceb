package expression

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"hooktree/engine"
)

// Literal is a value without expressions in it: what YAML or JSON gave.
// Integers of any Go type become int64.
func Literal(v any) Expr { return literal{normal(v)} }

// List composes a list of expressions.
func List(items []Expr) Expr { return list{items} }

// Mapping composes a map: keys[i] holds values[i].
func Mapping(keys []string, values []Expr) Expr { return mapping{keys, values} }

type literal struct{ value any }

func (l literal) Eval(engine.Scope) (any, error) { return l.value, nil }
func (l literal) Reads() []engine.NodeID         { return nil }
func (l literal) Type() engine.Type              { return typeOfValue(l.value) }
func (l literal) Secrets() []string              { return nil }
func (l literal) Uses() []Use                    { return nil }

func (l literal) String() string {
	if s, ok := l.value.(string); ok {
		return s
	}
	b, err := json.Marshal(l.value)
	if err != nil {
		return fmt.Sprint(l.value)
	}
	return string(b)
}

type list struct{ items []Expr }

func (l list) Eval(s engine.Scope) (any, error) {
	values := make([]any, len(l.items))
	for i, item := range l.items {
		v, err := item.Eval(s)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
		values[i] = v
	}
	return values, nil
}

func (l list) Reads() []engine.NodeID { return mergeReads(l.items) }
func (l list) Secrets() []string      { return mergeSecrets(l.items) }
func (l list) Uses() []Use            { return mergeUses(l.items) }

func (l list) Type() engine.Type {
	t := engine.Type{Kind: engine.KindList}
	for i, item := range l.items {
		elem := item.Type()
		if i == 0 {
			t.Elem = &elem
		} else if !reflect.DeepEqual(*t.Elem, elem) {
			return engine.Type{Kind: engine.KindList}
		}
	}
	return t
}

func (l list) String() string {
	texts := make([]string, len(l.items))
	for i, item := range l.items {
		texts[i] = item.String()
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

type mapping struct {
	keys   []string
	values []Expr
}

func (m mapping) Eval(s engine.Scope) (any, error) {
	values := make(map[string]any, len(m.keys))
	for i, key := range m.keys {
		v, err := m.values[i].Eval(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		values[key] = v
	}
	return values, nil
}

func (m mapping) Reads() []engine.NodeID { return mergeReads(m.values) }
func (m mapping) Secrets() []string      { return mergeSecrets(m.values) }
func (m mapping) Uses() []Use            { return mergeUses(m.values) }

func (m mapping) Type() engine.Type {
	fields := make(map[string]engine.Type, len(m.keys))
	for i, key := range m.keys {
		fields[key] = m.values[i].Type()
	}
	return engine.Type{Kind: engine.KindRecord, Fields: fields}
}

func (m mapping) String() string {
	texts := make([]string, len(m.keys))
	for i, key := range m.keys {
		texts[i] = key + ": " + m.values[i].String()
	}
	return "{" + strings.Join(texts, ", ") + "}"
}

func mergeReads(items []Expr) []engine.NodeID {
	var all []engine.NodeID
	for _, item := range items {
		all = append(all, item.Reads()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func mergeSecrets(items []Expr) []string {
	var all []string
	for _, item := range items {
		all = append(all, item.Secrets()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func mergeUses(items []Expr) []Use {
	var all []Use
	for _, item := range items {
		all = append(all, item.Uses()...)
	}
	return all
}

// normal gives a value from a decoder the types that scopes use.
func normal(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case uint64:
		if v <= 1<<63-1 {
			return int64(v)
		}
		return float64(v)
	case float32:
		return float64(v)
	case json.Number:
		if exact, err := engine.DecodeValue([]byte(v)); err == nil {
			return exact
		}
		return string(v)
	case []any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = normal(v[i])
		}
		return items
	case map[string]any:
		members := make(map[string]any, len(v))
		for key, member := range v {
			members[key] = normal(member)
		}
		return members
	default:
		return v
	}
}

// typeOfValue is the type of a value as it is.
func typeOfValue(v any) engine.Type {
	switch v := v.(type) {
	case bool:
		return engine.Type{Kind: engine.KindBool}
	case int64, int:
		return engine.Type{Kind: engine.KindInteger}
	case float64:
		return engine.Type{Kind: engine.KindNumber}
	case string, engine.Sealed:
		return engine.Type{Kind: engine.KindText}
	case time.Time:
		return engine.Type{Kind: engine.KindTime}
	case time.Duration:
		return engine.Type{Kind: engine.KindDuration}
	case []any:
		return engine.Type{Kind: engine.KindList}
	case map[string]any:
		fields := make(map[string]engine.Type, len(v))
		for key, member := range v {
			fields[key] = typeOfValue(member)
		}
		return engine.Type{Kind: engine.KindRecord, Fields: fields}
	default:
		return engine.Type{Kind: engine.KindAny}
	}
}
