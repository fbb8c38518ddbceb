package expression

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"hooktree/engine"
)

// A platform sends what people typed into a form as text, a cost of 1200 too,
// while space.yaml says that the field is a number. Conditions are checked
// against what is declared, so they must read it: the payload stays as it came.

// optional reports whether a scope may lack a name.
func (e *Env) optional(name string) bool { return slices.Contains(e.Optional, name) }

// answers gives the declared members of a record of answers; nil for any other
// name.
func (e *Env) answers(name string) map[string]engine.Type {
	if t := e.Names[name]; t.Kind == engine.KindRecord && slices.Contains(e.Answers, name) {
		return t.Fields
	}
	return nil
}

// convertible leaves the members that may come as text in place of what they
// are; nil when there are none.
func convertible(fields map[string]engine.Type) map[string]engine.Type {
	var some map[string]engine.Type
	for name, t := range fields {
		switch t.Kind {
		case engine.KindBool, engine.KindInteger, engine.KindNumber:
			if some == nil {
				some = make(map[string]engine.Type)
			}
			some[name] = t
		default:
		}
	}
	return some
}

// answered reads a whole record of answers. It is copied if a member changes.
func answered(v any, fields map[string]engine.Type) any {
	given, ok := v.(map[string]any)
	if !ok {
		return v
	}
	var read map[string]any
	for name, t := range fields {
		text, isText := given[name].(string)
		if !isText {
			continue
		}
		value := answer(text, t.Kind)
		if value == any(text) {
			continue
		}
		if read == nil {
			read = maps.Clone(given)
		}
		read[name] = value
	}
	if read == nil {
		return v
	}
	return read
}

// answer reads text as the number or boolean that its field is declared as.
// What says no such thing stays text: the condition that it surprises is an
// error with a place.
func answer(v any, declared engine.Kind) any {
	text, ok := v.(string)
	if !ok {
		return v
	}
	trimmed := strings.TrimSpace(text)
	switch declared {
	case engine.KindBool:
		switch {
		case strings.EqualFold(trimmed, "true"):
			return true
		case strings.EqualFold(trimmed, "false"):
			return false
		}
	case engine.KindInteger, engine.KindNumber:
		if n, err := strconv.ParseInt(trimmed, 10, 64); err == nil {
			return n
		}
		if declared == engine.KindNumber {
			return decimal(v, trimmed)
		}
	default:
	}
	return v
}

// decimal reads a number with a fraction or an exponent; anything else, as Go
// has hexadecimal and infinite numbers too, leaves the value as it is.
func decimal(v any, text string) any {
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return v
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return v
	}
	return f
}
