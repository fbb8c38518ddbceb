package event

import "fmt"

// element is one item of an array, with the bytes it was read from.
type element struct {
	value any
	body  []byte
}

// startsArray reports whether a body is to be read as an array.
func startsArray(body []byte) bool {
	for _, b := range body {
		switch b {
		case ' ', '\t', '\n', '\r':
		default:
			return b == '['
		}
	}
	return false
}

// elements reads an array of payloads and where each of them stands.
func elements(body []byte) ([]element, *Fault) {
	d, fault := newDecoder(body)
	if fault != nil {
		return nil, fault
	}
	var items []element
	read := func() *Fault {
		if len(items) == MaxEvents {
			return d.fault(CodeTooLong, fmt.Sprintf("the array holds more than %d events", MaxEvents), "send several requests")
		}
		start := d.at
		value, fault := d.value()
		if fault == nil {
			items = append(items, element{value, body[start:d.at:d.at]})
		}
		return fault
	}
	if fault := d.list(read); fault != nil {
		return nil, fault
	}
	if fault := d.end(); fault != nil {
		return nil, fault
	}
	if len(items) == 0 {
		return nil, &Fault{Code: CodeMissing, Text: "the array is empty", Hint: "send at least one event"}
	}
	return items, nil
}
