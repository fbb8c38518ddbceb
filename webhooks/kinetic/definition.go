package kinetic

import (
	"encoding/json"
	"strings"
)

// Definition is a webhook as the vendor's API and exports hold it.
type Definition struct {
	Name         string          `json:"name"`
	Type         string          `json:"type"`
	Event        string          `json:"event"`
	Filter       string          `json:"filter"`
	URL          string          `json:"url"`
	AuthStrategy *AuthStrategy   `json:"authStrategy,omitempty"`
	Attributes   json.RawMessage `json:"attributes,omitempty"` // never read, kept for export
}

// AuthStrategy is how a webhook proves where it comes from.
type AuthStrategy struct {
	Type       string     `json:"type,omitempty"`
	Properties []Property `json:"properties,omitempty"`
}

// Property is one setting of a strategy. The value of a sensitive one is never
// exported.
type Property struct {
	Name      string `json:"name"`
	Value     string `json:"value,omitempty"`
	Sensitive Flag   `json:"sensitive,omitempty"`
}

// Flag is a boolean that the vendor writes as text.
type Flag bool

// UnmarshalJSON takes true and "true".
func (f *Flag) UnmarshalJSON(data []byte) error {
	*f = Flag(strings.Trim(string(data), `"`) == "true")
	return nil
}

// MarshalJSON writes the vendor's text.
func (f Flag) MarshalJSON() ([]byte, error) {
	if f {
		return []byte(`"true"`), nil
	}
	return []byte(`"false"`), nil
}

// secretProperty is the setting that holds the secret to sign with.
const secretProperty = "Secret"

// forget removes the value of the secret, and reports whether there was one.
func (a *AuthStrategy) forget() bool {
	if a == nil {
		return false
	}
	found := false
	for i := range a.Properties {
		if p := &a.Properties[i]; p.Name == secretProperty && p.Value != "" {
			p.Value, p.Sensitive, found = "", true, true
		}
	}
	return found
}

// property gives the value of a setting.
func (a *AuthStrategy) property(name string) string {
	for _, p := range a.Properties {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}
