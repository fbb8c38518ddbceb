package expression

import (
	"reflect"
	"slices"
	"time"

	"github.com/expr-lang/expr/checker/nature"
	"github.com/expr-lang/expr/types"

	"hooktree/engine"
)

// The checker of expr knows a type as a nature. These translate to and fro.

var (
	sealedType   = reflect.TypeFor[engine.Sealed]()
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
)

// declare is the type that the checker is told.
func declare(t engine.Type) types.Type {
	switch t.Kind {
	case engine.KindBool:
		return types.Bool
	case engine.KindInteger:
		return types.Int64
	case engine.KindNumber:
		return types.Float64
	case engine.KindText:
		return types.String
	case engine.KindTime:
		return types.TypeOf(time.Time{})
	case engine.KindDuration:
		return types.TypeOf(time.Duration(0))
	case engine.KindList:
		return types.Array(declareElem(t.Elem))
	case engine.KindMap:
		return types.Map{types.Extra: declareElem(t.Elem)}
	case engine.KindRecord:
		return declareRecord(t.Fields)
	default:
		return types.Any
	}
}

func declareElem(t *engine.Type) types.Type {
	if t == nil {
		return types.Any
	}
	return declare(*t)
}

func declareRecord(fields map[string]engine.Type) types.Map {
	m := make(types.Map, len(fields))
	for name, field := range fields {
		m[name] = declare(field)
	}
	return m
}

// known is false for what may be anything.
func known(n *nature.Nature) bool {
	return n.Nil || n.Type != nil && n.Kind != reflect.Interface && n.Kind != reflect.Func
}

func isSealed(n *nature.Nature) bool { return n.Type == sealedType }

// typeOf is what the checker found out.
func typeOf(n *nature.Nature) engine.Type {
	switch n.Type {
	case nil:
		return engine.Type{Kind: engine.KindAny}
	case sealedType:
		return engine.Type{Kind: engine.KindText}
	case timeType:
		return engine.Type{Kind: engine.KindTime}
	case durationType:
		return engine.Type{Kind: engine.KindDuration}
	}
	switch n.Kind {
	case reflect.Bool:
		return engine.Type{Kind: engine.KindBool}
	case reflect.Int, reflect.Int64:
		return engine.Type{Kind: engine.KindInteger}
	case reflect.Float64:
		return engine.Type{Kind: engine.KindNumber}
	case reflect.String:
		return engine.Type{Kind: engine.KindText}
	case reflect.Slice:
		return engine.Type{Kind: engine.KindList, Elem: elemOf(n.Ref)}
	case reflect.Map:
		return mapOf(n)
	default:
		return engine.Type{Kind: engine.KindAny}
	}
}

func elemOf(n *nature.Nature) *engine.Type {
	if n == nil || n.Type == nil {
		return nil
	}
	t := typeOf(n)
	return &t
}

func mapOf(n *nature.Nature) engine.Type {
	if n.TypeData == nil || !n.Strict {
		var elem *engine.Type
		if n.TypeData != nil {
			elem = elemOf(n.DefaultMapValue)
		}
		return engine.Type{Kind: engine.KindMap, Elem: elem}
	}
	fields := make(map[string]engine.Type, len(n.Fields))
	for name, field := range n.Fields {
		fields[name] = typeOf(&field)
	}
	return engine.Type{Kind: engine.KindRecord, Fields: fields}
}

// word names what a nature is in a sentence.
func word(n *nature.Nature) string {
	if n.Nil {
		return "nil"
	}
	if isSealed(n) {
		return "a secret"
	}
	return typeOf(n).Kind.Noun()
}

// valueWord names what a value is in a sentence.
func valueWord(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case engine.Sealed:
		return "a secret"
	case int:
		return engine.KindInteger.Noun()
	case bool:
		if v {
			return "true"
		}
		return "false"
	default:
		return typeOfValue(v).Kind.Noun()
	}
}

// serves reports whether a value of the kind got can stand where want is
// asked for.
func serves(want, got engine.Kind) bool {
	if want == got || want == "" || want == engine.KindAny || got == engine.KindAny {
		return true
	}
	accepted := map[engine.Kind][]engine.Kind{
		engine.KindInteger:  {engine.KindNumber}, // a number may be integral
		engine.KindNumber:   {engine.KindInteger},
		engine.KindText:     {engine.KindInteger, engine.KindNumber, engine.KindBool, engine.KindTime, engine.KindDuration},
		engine.KindTime:     {engine.KindText},
		engine.KindDuration: {engine.KindText},
		engine.KindMap:      {engine.KindRecord},
		engine.KindRecord:   {engine.KindMap},
	}
	return slices.Contains(accepted[want], got)
}
