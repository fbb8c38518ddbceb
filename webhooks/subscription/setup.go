package subscription

import "hooktree/engine"

// Setup is what space.yaml says of a dialect, checked.
type Setup struct {
	Settings Settings
	Visible  engine.Expr // nil lets everybody see all
}

// Defaults are the settings of a space that says nothing of the dialect.
func (d *Dialect) Defaults() Settings {
	settings := make(Settings, len(d.Options))
	for _, o := range d.Options {
		settings[o.Name] = o.Default
	}
	return settings
}

// User is the name under which a rule of visibility reads the owner.
const User = "user"

// Seen is an owner as a rule of visibility reads it.
func (o Owner) Seen() map[string]any {
	return map[string]any{"id": o.ID, "name": o.Name, "email": o.Email}
}
