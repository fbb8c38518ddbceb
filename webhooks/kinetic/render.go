package kinetic

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"hooktree/webhooks"
)

// Render gives a webhook in the vendor's form. One of this dialect comes back
// as it was written; for another the nearest text is given: its expressions
// are our own language, which the vendor's server would not read.
func Render(w webhooks.Webhook) (Definition, error) {
	if w.Dialect == Dialect {
		var d Definition
		if err := json.Unmarshal([]byte(w.Source), &d); err != nil {
			return Definition{}, fmt.Errorf("render webhook %q: %w", w.Name, err)
		}
		return d, nil
	}
	d := Definition{Name: w.Name, Type: w.Type, Event: w.Action}
	if w.Filter != nil {
		d.Filter = w.Filter.String()
	}
	if len(w.Targets) > 0 {
		d.URL, d.AuthStrategy = address(w.Targets[0])
	}
	return d, nil
}

// address gives a target as the vendor writes one.
func address(t webhooks.Target) (string, *AuthStrategy) {
	if t.Tree != nil {
		source := "${space('attribute:Task Source Name')}"
		if t.Tree.Source != nil {
			source = encoded(t.Tree.Source.String())
		}
		return runTree[0] + source + "/" + encoded(t.Tree.Group.String()) + "/" + encoded(t.Tree.Name.String()), nil
	}
	if t.URL.Auth.Kind != webhooks.AuthKinetic {
		return t.URL.URL.String(), nil
	}
	return t.URL.URL.String(), &AuthStrategy{Type: "Signature", Properties: []Property{
		{Name: "Key", Value: t.URL.Auth.Key},
		{Name: "Secret", Sensitive: true},
	}}
}

// encoded writes a template as one segment of a path, its `${ }` as they are.
func encoded(text string) string {
	var b strings.Builder
	for {
		literal, rest, more := strings.Cut(text, "${")
		b.WriteString(url.PathEscape(literal))
		if !more {
			return b.String()
		}
		expr, after, _ := strings.Cut(rest, "}")
		b.WriteString("${" + expr + "}")
		text = after
	}
}
