package jobs

import (
	"fmt"

	"hooktree/engine"
	"hooktree/engine/masking"
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

// mask takes out what was revealed.
func (o *opening) mask() masking.Masker { return masking.New(o.revealed) }
