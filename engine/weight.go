package engine

import "reflect"

// weight is what one look through a value tells.
type weight struct {
	bytes  int  // roughly what it takes as JSON
	sealed bool // it holds a secret
	alive  bool // it holds `nodes` itself
	sight  *sight
}

// weigh looks through a value once.
func weigh(value any) weight {
	var w weight
	w.add(value)
	return w
}

func (w *weight) add(value any) {
	switch v := value.(type) {
	case nil, bool:
		w.bytes += 4
	case string:
		w.bytes += len(v) + 2
	case map[string]any:
		w.bytes += 2
		if w.sight != nil && w.sight.alive(v) {
			w.alive = true
		}
		for name, item := range v { // in any order: it only adds up
			w.bytes += len(name) + 4
			w.add(item)
		}
	case []any:
		w.bytes += 2
		for _, item := range v {
			w.bytes++
			w.add(item)
		}
	case []string:
		for _, item := range v {
			w.bytes += len(item) + 3
		}
	case Sealed:
		w.sealed = true
		w.bytes += 16
	default:
		w.bytes += 8
	}
}

// asList takes what an expression gave for a list.
func asList(value any) ([]any, bool) {
	if list, ok := value.([]any); ok {
		return list, true
	}
	rv := reflect.ValueOf(value)
	if rv.Kind() != reflect.Slice {
		return nil, false
	}
	list := make([]any, rv.Len())
	for i := range list {
		list[i] = rv.Index(i).Interface()
	}
	return list, true
}
