package event

import (
	"bytes"
	"encoding/json"
)

// Encode writes JSON for other programs: what stands in addresses and texts
// stays as it is, because no page of HTML is around it.
func Encode(value any) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
