package expression

import (
	"strings"

	"hooktree/engine"
)

// secretFunctions are the only ones that give or take secrets.
func secretFunctions() map[string]function {
	return map[string]function{
		"secret": {forms: []any{new(func(string) engine.Sealed)}, run: func(_ *frame, a []any) (any, error) {
			name, err := asText("the name of a secret", a[0])
			if err != nil {
				return nil, err
			}
			return engine.Secret(name), nil
		}},
		"basic": {forms: []any{new(func(any, any) engine.Sealed)}, run: basic},
		"hmac":  {forms: []any{new(func(string, any, any) engine.Sealed)}, run: hmac},
	}
}

// digests are the algorithms of hmac by how they may be written.
var digests = map[string]string{
	"sha1": "sha1", "sha256": "sha256", "sha512": "sha512",
}

func basic(_ *frame, a []any) (any, error) {
	user, err := sealable("the user of basic()", a[0])
	if err != nil {
		return nil, err
	}
	password, err := sealable("the password of basic()", a[1])
	if err != nil {
		return nil, err
	}
	return engine.Sealed{Parts: []engine.Part{{Basic: &engine.Basic{User: user, Password: password}}}}, nil
}

func hmac(_ *frame, a []any) (any, error) {
	name, err := asText("the algorithm of hmac()", a[0])
	if err != nil {
		return nil, err
	}
	algorithm := digests[strings.ToLower(name)]
	if algorithm == "" {
		return nil, &Fault{Message: "hmac knows no algorithm " + show(name), Hint: `write "sha256", "sha512" or "sha1"`}
	}
	key, err := sealable("the key of hmac()", a[1])
	if err != nil {
		return nil, err
	}
	text, err := sealable("the text of hmac()", a[2])
	if err != nil {
		return nil, err
	}
	return engine.Sealed{Parts: []engine.Part{{HMAC: &engine.HMAC{Algorithm: algorithm, Key: key, Text: text}}}}, nil
}

// maxSealed is how deep basic() and hmac() may stand in one another.
const maxSealed = 6

func deep(s engine.Sealed, levels int) bool {
	if levels == 0 {
		return true
	}
	for _, p := range s.Parts {
		switch {
		case p.Basic != nil && (deep(p.Basic.User, levels-1) || deep(p.Basic.Password, levels-1)),
			p.HMAC != nil && (deep(p.HMAC.Key, levels-1) || deep(p.HMAC.Text, levels-1)):
			return true
		}
	}
	return false
}

// sealable makes a sealed text of text.
func sealable(what string, v any) (engine.Sealed, error) {
	if s, ok := v.(engine.Sealed); ok {
		if deep(s, maxSealed) {
			return s, &Fault{Message: "secrets are nested too deep in basic() and hmac()"}
		}
		return s, nil
	}
	s, err := asText(what, v)
	if err != nil {
		return engine.Sealed{}, err
	}
	return engine.Sealed{Parts: []engine.Part{{Text: s}}}, nil
}

// seal joins parts of which some are sealed; texts holds the others.
func seal(parts []any, texts []string) engine.Sealed {
	var out engine.Sealed
	for i, part := range parts {
		s, ok := part.(engine.Sealed)
		if !ok {
			s = engine.Sealed{Parts: []engine.Part{{Text: texts[i]}}}
		}
		for _, p := range s.Parts {
			out.Parts = appendPart(out.Parts, p)
		}
	}
	return out
}

// appendPart adds a part, joining literal text to literal text before it.
func appendPart(parts []engine.Part, p engine.Part) []engine.Part {
	literal := p.Secret == "" && p.Token == "" && p.URL == "" && p.Basic == nil && p.HMAC == nil
	if !literal {
		return append(parts, p)
	}
	last := len(parts) - 1
	switch {
	case p.Text == "":
		return parts
	case last >= 0 && parts[last].Text != "":
		parts[last].Text += p.Text
		return parts
	}
	return append(parts, p)
}
