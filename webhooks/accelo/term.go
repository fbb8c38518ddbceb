package accelo

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hooktree/webhooks/event"
)

// term is what `_fields` and `_filters` are lists of: a name, and in brackets
// behind it a list of terms. `user` and `user()` mean different things, so that
// a term knows whether it has brackets.
type term struct {
	name    string
	bracket bool
	inner   []term
}

// The bounds of a list of terms, with those inside of others.
const (
	maxDepth = 8
	maxTerms = 500
)

// readTerms reads `a, b(c,d(e))`.
func readTerms(text string) ([]term, error) {
	r := termReader{text: text}
	list, err := r.list(0)
	if err == nil && r.at < len(text) {
		err = r.fault("a bracket closes that was not opened")
	}
	return list, err
}

// termReader stands at a byte of a text, of which what is before was read.
type termReader struct {
	text  string
	at    int
	terms int
}

func (r *termReader) fault(what string) error {
	return fmt.Errorf("%s (at character %d)", what, r.at+1)
}

// ends reports whether a list ends here: at the end of the text, or of the
// brackets around it.
func (r *termReader) ends() bool { return r.at == len(r.text) || r.text[r.at] == ')' }

func (r *termReader) list(depth int) ([]term, error) {
	var list []term
	for {
		t, err := r.term(depth)
		if err != nil {
			return nil, err
		}
		if t.name != "" { // a comma too many says nothing
			list = append(list, t)
		}
		if r.ends() {
			return list, nil
		}
		r.at++ // the comma
	}
}

func (r *termReader) term(depth int) (term, error) {
	t := term{name: strings.TrimSpace(r.until(",()"))}
	if r.terms++; r.terms > maxTerms {
		return t, r.fault(fmt.Sprintf("there are more than %d names", maxTerms))
	}
	if r.at == len(r.text) || r.text[r.at] != '(' {
		return t, nil
	}
	switch {
	case t.name == "":
		return t, r.fault("a name is missing before a bracket")
	case depth == maxDepth:
		return t, r.fault(fmt.Sprintf("brackets stand in more than %d others", maxDepth))
	}
	r.at++
	inner, err := r.list(depth + 1)
	if err != nil {
		return t, err
	}
	if r.at == len(r.text) {
		return t, r.fault("a bracket is not closed")
	}
	r.at++
	if rest := strings.TrimSpace(r.until(",)")); rest != "" {
		return t, r.fault("a comma is missing behind a bracket")
	}
	t.bracket, t.inner = true, inner
	return t, nil
}

// until goes to the next of some characters, or to the end, and gives what was
// before.
func (r *termReader) until(stops string) string {
	rest := r.text[r.at:]
	if at := strings.IndexAny(rest, stops); at >= 0 {
		rest = rest[:at]
	}
	r.at += len(rest)
	return rest
}

// readEither reads terms, or the JSON object that takes their place in a JSON
// body: `{"b": ["c", {"d": ["e"]}]}` is `b(c,d(e))`.
func readEither(text string) ([]term, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return readTerms(text)
	}
	value, fault := event.Decode([]byte(text))
	if fault != nil {
		return nil, fmt.Errorf("it is no JSON: %s", fault.Text)
	}
	left := maxTerms
	list := jsonTerms(value, &left)
	if left < 0 {
		return nil, fmt.Errorf("there are more than %d names", maxTerms)
	}
	return list, nil
}

// jsonTerms makes terms of JSON: of an object its members, whose values stand
// in brackets; of a list its items. It stops when none is left.
func jsonTerms(value any, left *int) []term {
	var list []term
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if *left--; *left < 0 {
				break
			}
			list = append(list, term{name: name, bracket: true, inner: jsonTerms(v[name], left)})
		}
	case []any:
		for _, item := range v {
			list = append(list, jsonTerms(item, left)...)
		}
	case nil:
	default:
		*left--
		list = append(list, term{name: scalar(v)})
	}
	return list
}

// scalar writes a text as it is, and a number or truth as JSON does.
func scalar(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	text, err := json.Marshal(value)
	if err != nil { // what was decoded can be encoded
		return ""
	}
	return string(text)
}
