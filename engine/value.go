package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// DecodeValue reads one JSON value the way values flow through a tree:
// integral numbers that fit are int64, so that an id of 19 digits survives;
// all others are float64.
func DecodeValue(data []byte) (any, error) {
	var v any
	if err := decodeExact(data, &v); err != nil {
		return nil, err
	}
	return exact(v), nil
}

// UnmarshalJSON reads a saved task; its values keep their integers.
func (t *Task) UnmarshalJSON(data []byte) error {
	type plain Task
	var p plain
	if err := decodeExact(data, &p); err != nil {
		return fmt.Errorf("task: %w", err)
	}
	*t = Task(p)
	t.Results = exact(t.Results)
	exactMap(t.Inputs)
	return nil
}

// UnmarshalJSON reads a saved failure; its details keep their integers.
func (f *Failure) UnmarshalJSON(data []byte) error {
	type plain Failure
	var p plain
	if err := decodeExact(data, &p); err != nil {
		return fmt.Errorf("failure: %w", err)
	}
	*f = Failure(p)
	exactMap(f.Detail)
	return nil
}

// decodeExact unmarshals one value and nothing after it, numbers as json.Number.
func decodeExact(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if rest := bytes.TrimSpace(data[d.InputOffset():]); len(rest) > 0 {
		return errors.New("something follows the value")
	}
	return nil
}

// exact replaces each json.Number in v, in place where it can.
func exact(v any) any {
	switch v := v.(type) {
	case json.Number:
		return number(v.String())
	case map[string]any:
		exactMap(v)
	case []any:
		for i := range v {
			v[i] = exact(v[i])
		}
	}
	return v
}

func exactMap(m map[string]any) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		m[k] = exact(m[k])
	}
}

// number reads the text of a JSON number.
func number(text string) any {
	if !strings.ContainsAny(text, ".eE") {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text // beyond what a float holds: kept as its digits
	}
	return f
}
