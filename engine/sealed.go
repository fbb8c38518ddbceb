package engine

import "strings"

// Sealed is text that holds secrets by reference. It is what `secret()` gives
// and what interpolation makes of it. Only the Worker opens it, at the moment
// of sending; wherever it is stored or shown it is its mask.
type Sealed struct {
	Parts []Part `json:"parts"`
}

// Part is one piece of a sealed text: literal text, or one of the references.
type Part struct {
	Text   string `json:"text,omitempty"`
	Secret string `json:"secret,omitempty"` // name of a declared secret
	Token  string `json:"token,omitempty"`  // [TaskKey] of a deferral, as text: its token
	URL    string `json:"url,omitempty"`    // [TaskKey] of a deferral, as text: its completion URL
	Basic  *Basic `json:"basic,omitempty"`
	HMAC   *HMAC  `json:"hmac,omitempty"`
}

// Basic is the value of an Authorization header of HTTP Basic.
type Basic struct {
	User     Sealed `json:"user"`
	Password Sealed `json:"password"`
}

// HMAC is the lower-case hex digest of Text under Key.
type HMAC struct {
	Algorithm string `json:"algorithm"` // sha1, sha256 or sha512
	Key       Sealed `json:"key"`
	Text      Sealed `json:"text"`
}

// Secret is the sealed reference to one secret.
func Secret(name string) Sealed { return Sealed{Parts: []Part{{Secret: name}}} }

// String is the mask: the literal text with `•••NAME` for each reference.
// It never holds a secret, so a Sealed is safe to print.
func (s Sealed) String() string {
	var text strings.Builder
	for _, p := range s.Parts {
		text.WriteString(p.mask())
	}
	return text.String()
}

func (p Part) mask() string {
	switch {
	case p.Secret != "":
		return "•••" + p.Secret
	case p.Token != "", p.URL != "":
		return "•••token"
	case p.Basic != nil:
		return "Basic •••" + trimMask(p.Basic.Password.String())
	case p.HMAC != nil:
		return "•••hmac-" + p.HMAC.Algorithm
	default:
		return p.Text
	}
}

func trimMask(mask string) string {
	const bullets = "•••"
	if len(mask) > len(bullets) && mask[:len(bullets)] == bullets {
		return mask[len(bullets):]
	}
	return "password"
}
