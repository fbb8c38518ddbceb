package engine

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // a digest that other systems ask for, not one that we trust
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Seal says that the text at a place of a value holds secrets. At is a JSON
// Pointer (RFC 6901). Masked values and their seals are stored apart, so that
// no data from outside can pass for a reference.
type Seal struct {
	At     string `json:"at"`
	Sealed Sealed `json:"sealed"`
}

// Seals parts a value from its secrets: what it gives first holds masks in
// their places and is safe to store and show. A value without secrets comes
// back as it is.
func Seals(value any) (masked any, seals []Seal) {
	if !weigh(value).sealed {
		return value, nil
	}
	masked = mask(value, "", &seals)
	return masked, seals
}

func mask(value any, at string, seals *[]Seal) any {
	switch v := value.(type) {
	case Sealed:
		*seals = append(*seals, Seal{At: at, Sealed: v})
		return v.String()
	case map[string]any:
		safe := make(map[string]any, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			safe[name] = mask(v[name], at+"/"+pointerEscape.Replace(name), seals)
		}
		return safe
	case []any:
		safe := make([]any, len(v))
		for i, item := range v {
			safe[i] = mask(item, at+"/"+strconv.Itoa(i), seals)
		}
		return safe
	default:
		return value
	}
}

var (
	pointerEscape   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescape = strings.NewReplacer("~1", "/", "~0", "~")
)

// Open puts the secrets of seals back into a masked value. The function gives
// the text of one reference: a secret, a token or a URL. Masked itself is not
// changed.
func Open(masked any, seals []Seal, reveal func(Part) (string, error)) (any, error) {
	for _, seal := range seals {
		text, err := seal.Sealed.open(reveal)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", seal.At, err)
		}
		if masked, err = put(masked, pointer(seal.At), text); err != nil {
			return nil, fmt.Errorf("open %s: %w", seal.At, err)
		}
	}
	return masked, nil
}

func pointer(at string) []string {
	if at == "" {
		return nil
	}
	steps := strings.Split(at[1:], "/")
	for i := range steps {
		steps[i] = pointerUnescape.Replace(steps[i])
	}
	return steps
}

// put gives value with text at a place of it, copying what lies on the way.
func put(value any, steps []string, text string) (any, error) {
	if len(steps) == 0 {
		return text, nil
	}
	switch v := value.(type) {
	case map[string]any:
		inner, ok := v[steps[0]]
		if !ok {
			return nil, fmt.Errorf("there is no member %q", steps[0])
		}
		next, err := put(inner, steps[1:], text)
		if err != nil {
			return nil, err
		}
		v = maps.Clone(v)
		v[steps[0]] = next
		return v, nil
	case []any:
		i, err := strconv.Atoi(steps[0])
		if err != nil || i < 0 || i >= len(v) {
			return nil, fmt.Errorf("there is no item %s", steps[0])
		}
		next, err := put(v[i], steps[1:], text)
		if err != nil {
			return nil, err
		}
		v = slices.Clone(v)
		v[i] = next
		return v, nil
	default:
		return nil, fmt.Errorf("%s has no member %q", kindOf(value), steps[0])
	}
}

func (s Sealed) open(reveal func(Part) (string, error)) (string, error) {
	var text strings.Builder
	for _, p := range s.Parts {
		piece, err := p.open(reveal)
		if err != nil {
			return "", err
		}
		text.WriteString(piece)
	}
	return text.String(), nil
}

func (p Part) open(reveal func(Part) (string, error)) (string, error) {
	switch {
	case p.Basic != nil:
		return p.Basic.open(reveal)
	case p.HMAC != nil:
		return p.HMAC.open(reveal)
	case p.Secret != "", p.Token != "", p.URL != "":
		return reveal(p)
	default:
		return p.Text, nil
	}
}

func (b *Basic) open(reveal func(Part) (string, error)) (string, error) {
	user, err := b.User.open(reveal)
	if err != nil {
		return "", err
	}
	password, err := b.Password.open(reveal)
	if err != nil {
		return "", err
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password)), nil
}

func (h *HMAC) open(reveal func(Part) (string, error)) (string, error) {
	digests := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}
	digest, ok := digests[h.Algorithm]
	if !ok {
		return "", fmt.Errorf("hmac knows sha1, sha256 and sha512, not %q", h.Algorithm)
	}
	key, err := h.Key.open(reveal)
	if err != nil {
		return "", err
	}
	text, err := h.Text.open(reveal)
	if err != nil {
		return "", err
	}
	mac := hmac.New(digest, []byte(key))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil)), nil
}
