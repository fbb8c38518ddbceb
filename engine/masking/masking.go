// Package masking takes secrets out of what comes back from outside: answers,
// messages and log fields may repeat what was sent to them. It does not know
// who revealed them; values that hold secrets by reference mask themselves
// ([hooktree/engine.Sealed]).
package masking

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Masker replaces secrets by their masks, `•••NAME`. The zero value knows none.
type Masker struct {
	masks    map[string]string // spelling to mask, for values that are not text
	replacer *strings.Replacer // nil for none
}

// New makes a Masker of secrets by name. It knows each secret as it is and as it looks in a URL, in JSON, in
// HTML and in base64. A longer secret wins over one that it holds.
func New(secrets map[string]string) Masker {
	masks := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		for _, look := range looksOf(secrets[name]) {
			masks[look] = "•••" + name
		}
	}
	looks := slices.SortedFunc(maps.Keys(masks), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	pairs := make([]string, 0, 2*len(looks))
	for _, look := range looks {
		pairs = append(pairs, look, masks[look])
	}
	return Masker{masks: masks, replacer: strings.NewReplacer(pairs...)}
}

// looksOf lists the spellings of a secret; none for an empty one.
func looksOf(secret string) []string {
	if secret == "" {
		return nil
	}
	looks := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), (&url.URL{Path: secret}).EscapedPath(),
		html.EscapeString(secret), quoteless(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)),
		base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
	if quoted, err := json.Marshal(secret); err == nil {
		looks = append(looks, string(quoted[1:len(quoted)-1]))
	}
	return looks
}

func quoteless(text string) string {
	quoted := strconv.Quote(text)
	return quoted[1 : len(quoted)-1]
}

// Text gives a text without secrets.
func (m Masker) Text(s string) string {
	if m.replacer == nil {
		return s
	}
	return m.replacer.Replace(s)
}

// Value gives a copy without secrets, in members, names and numbers too.
func (m Masker) Value(v any) any {
	switch v := v.(type) {
	case string:
		return m.Text(v)
	case []any:
		list := make([]any, len(v))
		for i, elem := range v {
			list[i] = m.Value(elem)
		}
		return list
	case map[string]any:
		return m.Members(v)
	case int64:
		return m.number(v, strconv.FormatInt(v, 10))
	case float64:
		return m.number(v, fmt.Sprint(v))
	default:
		return v
	}
}

// Members is Value of a mapping.
func (m Masker) Members(members map[string]any) map[string]any {
	clean := make(map[string]any, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) { // of two names that look alike masked, the last stays
		clean[m.Text(name)] = m.Value(members[name])
	}
	return clean
}

func (m Masker) number(v any, digits string) any {
	if mask, secret := m.masks[digits]; secret {
		return mask
	}
	return v
}
