package handlers

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"hooktree/engine"
)

// Bind checks parameters against a spec and gives them with the defaults
// filled in. A nil counts as absent. What a load already refused is refused
// here again: expressions may give anything at run time. Values do not appear
// in errors, for they may be secrets; all faults are told at once.
func Bind(spec *engine.Spec, params map[string]any) (map[string]any, error) {
	bound := make(map[string]any, len(params))
	var faults []error
	for _, p := range spec.Params {
		value, err := bindParam(p, params[p.Name])
		switch {
		case p.Open:
		case err != nil:
			faults = append(faults, fmt.Errorf("parameter %q %w", p.Name, err))
		case value != nil:
			bound[p.Name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		switch {
		case slices.ContainsFunc(spec.Params, func(p engine.Param) bool { return p.Name == name && !p.Open }):
		case slices.ContainsFunc(spec.Params, func(p engine.Param) bool { return p.Open }):
			bound[name] = params[name]
		default:
			faults = append(faults, fmt.Errorf("parameter %q is not one of %s", name, spec.Name))
		}
	}
	return bound, errors.Join(faults...)
}

func bindParam(p engine.Param, value any) (any, error) {
	if value == nil {
		if p.Required {
			return nil, errors.New("is missing")
		}
		return p.Default, nil
	}
	if err := checkType(p.Type, value); err != nil {
		return nil, err
	}
	if len(p.Enum) > 0 && !slices.Contains(p.Enum, value) {
		return nil, fmt.Errorf("must be one of %s", strings.Trim(fmt.Sprint(p.Enum), "[]"))
	}
	return value, nil
}

func checkType(t engine.Type, value any) error {
	switch t.Kind {
	case engine.KindList:
		return checkList(t, value)
	case engine.KindMap:
		return checkMap(t, value)
	case engine.KindRecord:
		return checkRecord(t, value)
	case engine.KindAny, engine.KindBool, engine.KindInteger, engine.KindNumber,
		engine.KindText, engine.KindTime, engine.KindDuration:
	}
	if !fits(t.Kind, value) {
		return fmt.Errorf("must be %s, not %s", describe(t.Kind), kindOf(value))
	}
	return nil
}

func checkList(t engine.Type, value any) error {
	list, ok := value.([]any)
	if !ok {
		return fmt.Errorf("must be a list, not %s", kindOf(value))
	}
	if t.Elem == nil {
		return nil
	}
	for i, elem := range list {
		if err := checkType(*t.Elem, elem); err != nil {
			return fmt.Errorf("at [%d] %w", i, err)
		}
	}
	return nil
}

func checkMap(t engine.Type, value any) error {
	fields, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("must be a map, not %s", kindOf(value))
	}
	if t.Elem == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := checkType(*t.Elem, fields[name]); err != nil {
			return fmt.Errorf("at %q %w", name, err)
		}
	}
	return nil
}

func checkRecord(t engine.Type, value any) error {
	fields, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("must be a map, not %s", kindOf(value))
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] == nil {
			continue
		}
		field, known := t.Fields[name]
		if !known {
			return fmt.Errorf("has no member %q: it has %s", name, strings.Join(slices.Sorted(maps.Keys(t.Fields)), ", "))
		}
		if err := checkType(field, fields[name]); err != nil {
			return fmt.Errorf("at %q %w", name, err)
		}
	}
	return nil
}

// fits reports whether a value is of a kind without members.
func fits(kind engine.Kind, value any) bool {
	switch v := value.(type) {
	case bool:
		return kind == engine.KindBool || kind == engine.KindAny
	case int64:
		return kind == engine.KindInteger || kind == engine.KindNumber || kind == engine.KindAny
	case float64:
		return kind == engine.KindNumber || kind == engine.KindAny
	case string:
		return kind == engine.KindText || kind == engine.KindAny || textFits(kind, v)
	case time.Time:
		return kind == engine.KindTime || kind == engine.KindAny
	case time.Duration:
		return kind == engine.KindDuration || kind == engine.KindAny
	default:
		return kind == engine.KindAny
	}
}

// textFits reports whether text spells a time or a duration.
func textFits(kind engine.Kind, text string) bool {
	switch kind {
	case engine.KindTime:
		_, err := time.Parse(time.RFC3339, text)
		return err == nil
	case engine.KindDuration:
		_, err := engine.ParseDuration(text)
		return err == nil
	case engine.KindAny, engine.KindBool, engine.KindInteger, engine.KindNumber, engine.KindText,
		engine.KindList, engine.KindMap, engine.KindRecord:
	}
	return false
}

func describe(kind engine.Kind) string {
	switch kind {
	case engine.KindDuration:
		return "a duration such as 10s or 2d"
	case engine.KindTime:
		return "a time such as 2030-01-31T12:00:00Z"
	case engine.KindAny, engine.KindBool, engine.KindInteger, engine.KindNumber, engine.KindText,
		engine.KindList, engine.KindMap, engine.KindRecord:
	}
	return kind.Noun()
}

func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "nil"
	case bool:
		return engine.KindBool.Noun()
	case int64, float64:
		return "a number"
	case string:
		return "text"
	case []any:
		return "a list"
	case map[string]any:
		return engine.KindMap.Noun()
	case time.Time:
		return "a time"
	case time.Duration:
		return "a duration"
	default:
		return fmt.Sprintf("%T", value)
	}
}

// duration reads a bound parameter of that kind.
func duration(value any) time.Duration {
	switch v := value.(type) {
	case time.Duration:
		return v
	case string:
		d, err := engine.ParseDuration(v)
		if err == nil {
			return d
		}
	}
	return 0
}

// integer reads a bound parameter of that kind, held to what fits an int.
func integer(value any) int {
	n, _ := value.(int64)
	return int(min(max(n, math.MinInt32), math.MaxInt32))
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

func mapping(value any) map[string]any {
	m, _ := value.(map[string]any)
	return m
}
