package engine

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// AppendJSON appends the task as it is saved: the JSON that encoding/json would
// write, but that a float stays one ([AppendValue]). A run writes a record for
// each of its nodes, so that this is worth writing by hand.
func (t *Task) AppendJSON(b []byte) ([]byte, error) {
	b = appendText(append(b, `{"node":`...), string(t.Node))
	b = appendSome(b, `,"place":`, string(t.Place))
	b = appendText(append(b, `,"status":`...), string(t.Status))
	b = appendCount(b, `,"attempt":`, int64(t.Attempt))
	var err error
	if len(t.Inputs) > 0 {
		if b, err = AppendValue(append(b, `,"inputs":`...), t.Inputs); err != nil {
			return nil, err
		}
	}
	if t.Results != nil {
		if b, err = AppendValue(append(b, `,"results":`...), t.Results); err != nil {
			return nil, err
		}
	}
	b = appendSome(b, `,"message":`, t.Message)
	b = appendSome(b, `,"warning":`, t.Warning)
	b = appendSome(b, `,"reason":`, t.Reason)
	b = appendTime(b, `,"due":`, t.Due)
	if b, err = t.appendTrouble(b); err != nil {
		return nil, err
	}
	b = t.appendFired(b)
	b = strconv.AppendInt(append(b, `,"order":`...), t.Order, 10)
	b = appendCount(b, `,"done":`, t.Done)
	b = appendTime(b, `,"started":`, t.Started)
	b = appendTime(b, `,"tried":`, t.Tried)
	b = appendTime(b, `,"ended":`, t.Ended)
	return append(b, '}'), nil
}

// appendTrouble appends what went wrong, which is seldom.
func (t *Task) appendTrouble(b []byte) ([]byte, error) {
	if t.Error != nil {
		text, err := json.Marshal(t.Error)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"error":`...), text...)
	}
	if len(t.Attempts) > 0 {
		text, err := json.Marshal(t.Attempts)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"attempts":`...), text...)
	}
	return b, nil
}

func (t *Task) appendFired(b []byte) []byte {
	for i := range t.Fired {
		d := &t.Fired[i]
		if i == 0 {
			b = append(b, `,"fired":[`...)
		} else {
			b = append(b, `,`...)
		}
		b = appendText(append(b, `{"to":`...), string(d.To))
		b = strconv.AppendInt(append(b, `,"in":`...), int64(d.In), 10)
		b = appendText(append(b, `,"on":`...), string(d.On))
		b = strconv.AppendBool(append(b, `,"fired":`...), d.Fired)
		if d.Late {
			b = append(b, `,"late":true`...)
		}
		b = append(appendSome(b, `,"error":`, d.Error), '}')
	}
	if len(t.Fired) > 0 {
		b = append(b, ']')
	}
	return b
}

// AppendValue appends a value that flows through a tree as JSON, the names of
// a mapping in order. A whole float is written with a fraction, so that it is
// read as a float again ([DecodeValue]).
func AppendValue(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return appendText(b, v), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case float64:
		return appendFloat(b, v)
	case []any:
		return appendList(b, v)
	case map[string]any:
		return appendMapping(b, v)
	default:
		text, err := json.Marshal(v)
		return append(b, text...), err
	}
}

func appendList(b []byte, list []any) ([]byte, error) {
	b = append(b, '[')
	var err error
	for i, item := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = AppendValue(b, item); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendMapping(b []byte, m map[string]any) ([]byte, error) {
	if m == nil {
		return append(b, "null"...), nil
	}
	b = append(b, '{')
	var err error
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, name), ':')
		if b, err = AppendValue(b, m[name]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendFloat(b []byte, f float64) ([]byte, error) {
	text, err := json.Marshal(f) // refuses what JSON has no number for
	if err != nil {
		return nil, err
	}
	b = append(b, text...)
	if f == float64(int64(f)) && !slices.Contains(text, 'e') {
		b = append(b, ".0"...)
	}
	return b, nil
}

// appendText appends text as a JSON string.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			text, _ := json.Marshal(s) // text always can be written
			return append(b, text...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// appendSome appends a member that is not empty.
func appendSome(b []byte, name, s string) []byte {
	if s == "" {
		return b
	}
	return appendText(append(b, name...), s)
}

// appendCount appends a member that is not zero.
func appendCount(b []byte, name string, n int64) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendInt(append(b, name...), n, 10)
}

// appendTime appends a member that is not zero.
func appendTime(b []byte, name string, at time.Time) []byte {
	if at.IsZero() {
		return b
	}
	b = append(append(b, name...), '"')
	return append(at.AppendFormat(b, time.RFC3339Nano), '"')
}
