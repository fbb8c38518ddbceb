package engine

import (
	"fmt"
	"maps"
	"slices"
)

// Answer is what a caller that waits on the event gets: the reply, or the
// run's first return. It comes at most once in a run.
type Answer struct {
	Status  int // zero for a return
	Headers map[string]string
	Body    any
}

func (Answer) command() {}

// asAnswer reads what reply: gave.
func asAnswer(value any) (Answer, error) {
	given, ok := value.(map[string]any)
	if !ok {
		return Answer{}, fmt.Errorf("%s is no mapping of status, headers and body", kindOf(value))
	}
	a := Answer{Status: 200, Body: given["body"]}
	var err error
	if status := given["status"]; status != nil {
		if a.Status, err = asStatus(status); err != nil {
			return Answer{}, err
		}
	}
	if headers := given["headers"]; headers != nil {
		a.Headers, err = asHeaders(headers)
	}
	return a, err
}

func asStatus(value any) (int, error) {
	status := 0
	switch v := value.(type) {
	case int64:
		status = int(v)
	case int:
		status = v
	}
	if status < 200 || status > 599 {
		return 0, fmt.Errorf("the status %v is no number from 200 to 599", value)
	}
	return status, nil
}

func asHeaders(value any) (map[string]string, error) {
	given, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("headers: %s is no mapping", kindOf(value))
	}
	headers := make(map[string]string, len(given))
	for _, name := range slices.Sorted(maps.Keys(given)) {
		switch v := given[name].(type) {
		case string:
			headers[name] = v
		case bool, int, int64, float64:
			headers[name] = fmt.Sprint(v)
		default:
			return nil, fmt.Errorf("the header %s: %s is no text", name, kindOf(v))
		}
	}
	return headers, nil
}
