package handlers

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

// redactor replaces secrets in what comes back from outside by their masks.
type redactor struct {
	secrets  map[string]string // value to mask, for values that are not text
	replacer *strings.Replacer
}

// newRedactor knows each secret as it is and as it looks in a URL, in JSON, in
// HTML and in base64. A longer secret wins over one that it holds.
func newRedactor(secrets map[string]string) redactor {
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
	return redactor{secrets: masks, replacer: strings.NewReplacer(pairs...)}
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

func (r redactor) text(s string) string { return r.replacer.Replace(s) }

// value gives a copy without secrets, in members, names and numbers too.
func (r redactor) value(v any) any {
	switch v := v.(type) {
	case string:
		return r.text(v)
	case []any:
		list := make([]any, len(v))
		for i, elem := range v {
			list[i] = r.value(elem)
		}
		return list
	case map[string]any:
		return r.values(v)
	case int64:
		return r.number(v, strconv.FormatInt(v, 10))
	case float64:
		return r.number(v, fmt.Sprint(v))
	default:
		return v
	}
}

func (r redactor) values(m map[string]any) map[string]any {
	clean := make(map[string]any, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		clean[r.text(name)] = r.value(m[name])
	}
	return clean
}

// answer masks an answer's headers and body in place. Its status is a number
// that no endpoint can hide a secret in.
func (r redactor) answer(fields map[string]any) {
	for _, name := range []string{"headers", "body"} {
		if value, ok := fields[name]; ok {
			fields[name] = r.value(value)
		}
	}
}

func (r redactor) number(v any, digits string) any {
	if mask, secret := r.secrets[digits]; secret {
		return mask
	}
	return v
}
