package jobs

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"sort"
	"strings"

	"hooktree/engine"
)

// opening is one look into sealed values: it remembers what it revealed, so
// that it can be taken out again of whatever comes back.
type opening struct {
	secrets  func(name string) (string, bool)
	token    func(part engine.Part) (string, error) // deferral tokens and URLs; nil when there can be none
	revealed map[string]string                      // name to value
}

func newOpening(secrets func(string) (string, bool)) *opening {
	return &opening{secrets: secrets, revealed: map[string]string{}}
}

// secret gives the value of a secret.
func (o *opening) secret(name string) (string, error) {
	value, ok := "", false
	if o.secrets != nil {
		value, ok = o.secrets(name)
	}
	if !ok {
		return "", fmt.Errorf("the secret %q has no value: give it one", name)
	}
	o.revealed[name] = value
	return value, nil
}

func (o *opening) reveal(part engine.Part) (string, error) {
	if part.Secret != "" {
		return o.secret(part.Secret)
	}
	if o.token == nil {
		return "", fmt.Errorf("%s cannot be revealed here", engine.Sealed{Parts: []engine.Part{part}})
	}
	text, err := o.token(part)
	if err == nil {
		o.revealed["token"] = text
	}
	return text, err
}

// redactor replaces what was revealed by its mask, as it is and as it looks in
// a URL, in JSON and in base64.
func (o *opening) redactor() *strings.Replacer {
	masks := map[string]string{}
	for name, value := range o.revealed {
		for _, look := range looks(value) {
			masks[look] = "•••" + name
		}
	}
	order := make([]string, 0, len(masks))
	for look := range masks {
		order = append(order, look)
	}
	sort.Slice(order, func(i, j int) bool { // a longer secret wins over one that it holds
		if len(order[i]) != len(order[j]) {
			return len(order[i]) > len(order[j])
		}
		return order[i] < order[j]
	})
	pairs := make([]string, 0, 2*len(order))
	for _, look := range order {
		pairs = append(pairs, look, masks[look])
	}
	return strings.NewReplacer(pairs...)
}

func looks(secret string) []string {
	if secret == "" {
		return nil
	}
	list := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)),
	}
	if quoted, err := json.Marshal(secret); err == nil {
		list = append(list, strings.Trim(string(quoted), `"`))
	}
	return list
}

// redact gives a copy of a value without what was revealed.
func redact(r *strings.Replacer, value any) any {
	switch v := value.(type) {
	case string:
		return r.Replace(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = redact(r, item)
		}
		return list
	case map[string]any:
		clean := make(map[string]any, len(v))
		for name, member := range v {
			clean[r.Replace(name)] = redact(r, member)
		}
		return clean
	default:
		return value
	}
}
