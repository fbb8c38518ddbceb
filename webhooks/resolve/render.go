package resolve

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hooktree/engine"
	"hooktree/trees"
	"hooktree/webhooks"
)

// The bounds of what a webhook renders to.
const (
	MaxKey  = 512     // bytes of a dedupe or lane key
	MaxText = 8 << 10 // bytes of a tree's path, URL or header
	MaxBody = 1 << 20 // bytes of a body of its own
)

// failure is an expression that could not be used.
type failure struct {
	reason string
	expr   engine.Expr
}

func (f *failure) into(v webhooks.Verdict) webhooks.Verdict {
	v.Outcome, v.Reason, v.Filter = webhooks.Errored, f.reason, f.expr.String()
	return v
}

// text is a rendered text; sealed when it holds secrets.
type text struct {
	masked string
	sealed *engine.Sealed
}

// text renders an expression to one text.
func (v *resolver) text(what string, e engine.Expr) (text, *failure) {
	view, origin := v.scope.of(e)
	value, err := e.Eval(view)
	if err != nil {
		return text{}, &failure{"the " + what + " failed: " + err.Error() + origin, e}
	}
	var t text
	switch value := value.(type) {
	case string:
		t.masked = value
	case int64:
		t.masked = strconv.FormatInt(value, 10)
	case engine.Sealed:
		t = text{value.String(), &value}
	default:
		return text{}, &failure{fmt.Sprintf("the %s gave %s, not text", what, noun(value)) + origin, e}
	}
	if len(t.masked) > MaxText {
		return text{}, &failure{fmt.Sprintf("the %s has %d bytes; at most %d are taken", what, len(t.masked), MaxText), e}
	}
	if strings.ContainsFunc(t.masked, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return text{}, &failure{"the " + what + " holds a line break or another control character", e}
	}
	return t, nil
}

func noun(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case bool:
		return "true or false"
	case float64:
		return "a fraction"
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	default:
		return fmt.Sprintf("%T", v)
	}
}

// title renders the path of a tree.
func (v *resolver) title(t *webhooks.TreeTarget) (engine.Title, *failure) {
	var parts [3]string
	for i, part := range []struct {
		what string
		expr engine.Expr
	}{{"tree's source", t.Source}, {"tree's group", t.Group}, {"tree's name", t.Name}} {
		rendered, failed := v.text(part.what, part.expr)
		if failed != nil {
			return engine.Title{}, failed
		}
		if rendered.sealed != nil || rendered.masked == "" {
			return engine.Title{}, &failure{"the " + part.what + " is empty, or a secret", part.expr}
		}
		parts[i] = rendered.masked
	}
	return engine.Title{Source: parts[0], Group: parts[1], Name: parts[2]}, nil
}

// keys renders what decides whether and when a tree's run starts, and pins its
// version.
func (v *resolver) keys(f *webhooks.TreeFiring, tree *trees.Tree) *failure {
	f.Hash = tree.Hash
	for _, key := range []struct {
		what string
		expr engine.Expr
		into *string
	}{{"dedupe", tree.Dedupe, &f.Dedupe}, {"lane", tree.Lane, &f.Lane}} {
		if key.expr == nil {
			continue
		}
		text, failed := v.key(key.what, key.expr)
		if failed != nil {
			return failed
		}
		*key.into = text
	}
	return nil
}

// key renders a dedupe or lane key; nil and empty text give none.
func (v *resolver) key(what string, e engine.Expr) (string, *failure) {
	view, origin := v.scope.of(e)
	value, err := e.Eval(view)
	if err != nil {
		return "", &failure{"the " + what + " key failed: " + err.Error() + origin, e}
	}
	var key string
	switch value := value.(type) {
	case nil:
	case string:
		key = value
	default:
		data, err := json.Marshal(value)
		if err != nil {
			return "", &failure{"the " + what + " key is no plain value", e}
		}
		key = string(data)
	}
	if len(key) > MaxKey {
		return "", &failure{fmt.Sprintf("the %s key has %d bytes; at most %d are taken", what, len(key), MaxKey), e}
	}
	return key, nil
}

// request renders what goes to a URL. What was rendered before a failure is
// given too.
func (v *resolver) request(t *webhooks.URLTarget) (webhooks.URLFiring, *failure) {
	f := webhooks.URLFiring{Method: t.Method, Auth: t.Auth}
	address, failed := v.text("URL", t.URL)
	if failed != nil {
		return f, failed
	}
	f.URL = address.masked
	seal(&f, "/url", address)
	if u, err := url.Parse(f.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return f, &failure{"the URL is no absolute address", t.URL}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Headers)) {
		value, failed := v.text("header "+name, t.Headers[name])
		if failed != nil {
			return f, failed
		}
		if f.Headers == nil {
			f.Headers = make(map[string]string, len(t.Headers))
		}
		f.Headers[name] = value.masked
		seal(&f, "/headers/"+name, value)
	}
	if t.Body != nil {
		return f, v.body(&f, t.Body)
	}
	return f, nil
}

// body renders a body: text as it is, everything else as JSON.
func (v *resolver) body(f *webhooks.URLFiring, e engine.Expr) *failure {
	view, origin := v.scope.of(e)
	value, err := e.Eval(view)
	if err != nil {
		return &failure{"the body failed: " + err.Error() + origin, e}
	}
	switch value := value.(type) {
	case string:
		f.Body = []byte(value)
	case engine.Sealed:
		f.Body = []byte(value.String())
		f.Seals = append(f.Seals, engine.Seal{At: "/body", Sealed: value})
	default:
		if f.Body, err = json.Marshal(value); err != nil {
			return &failure{"the body is no plain value: " + err.Error(), e}
		}
	}
	if len(f.Body) > MaxBody {
		return &failure{fmt.Sprintf("the body has %d bytes; at most %d are taken", len(f.Body), MaxBody), e}
	}
	return nil
}

// seal notes the secrets of a rendered text.
func seal(f *webhooks.URLFiring, at string, t text) {
	if t.sealed != nil {
		f.Seals = append(f.Seals, engine.Seal{At: at, Sealed: *t.sealed})
	}
}
