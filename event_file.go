package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxEventFile bounds what is read of an event file, in bytes. The server's own
// limit is lower by default, and says so.
const maxEventFile = 64 << 20

// readEventFile reads the named file, or in where the name is "-".
func readEventFile(name string, in io.Reader) ([]byte, error) {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close() //nolint:errcheck // nothing was written
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, maxEventFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(text) > maxEventFile {
		return nil, fmt.Errorf("%s is larger than an event file may be (%d bytes)", name, maxEventFile)
	}
	return text, nil
}

// eventType returns the content type under which text is posted: JSON, or a
// CloudEvent or a batch of them. A fault says where in the file it is.
func eventType(name string, text []byte) (string, error) {
	var content any
	if err := json.Unmarshal(text, &content); err != nil {
		return "", fmt.Errorf("%s: %w; an event file holds one event in JSON, or a list of them", place(name, text, err), err)
	}
	switch content := content.(type) {
	case map[string]any:
		if content["specversion"] != nil {
			return "application/cloudevents+json", nil
		}
		return "application/json", nil
	case []any:
		if first, ok := at(content, 0).(map[string]any); ok && first["specversion"] != nil {
			return "application/cloudevents-batch+json", nil
		}
		return "application/json", nil
	default:
		return "", fmt.Errorf("%s:1:1: an event file holds one event in JSON, or a list of them", name)
	}
}

// at returns item i, or nil where there is none.
func at(items []any, i int) any {
	if i >= len(items) {
		return nil
	}
	return items[i]
}

// place returns where in the file a syntax error is, as name:line:column.
func place(name string, text []byte, err error) string {
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return name
	}
	before := text[:max(0, min(int(syntax.Offset), len(text))-1)]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("%s:%d:%d", name, line, column)
}
