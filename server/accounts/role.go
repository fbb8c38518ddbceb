package accounts

import "fmt"

// Role says what somebody may do. Each role may do what those before it may.
type Role uint8

// The roles. Public is that of a request without credentials.
const (
	Public   Role = iota // what needs no login
	Viewer               // reads everything but secrets and accounts
	Operator             // sends events, mends runs and jobs
	Author               // changes trees and webhooks
	Admin                // keeps users, tokens and settings
)

var roleNames = [...]string{"public", "viewer", "operator", "author", "admin"}

// ParseRole reads the name of a role that a user or token can have.
func ParseRole(name string) (Role, error) {
	for r := Viewer; r <= Admin; r++ {
		if roleNames[r] == name {
			return r, nil
		}
	}
	return Public, invalid("role", "%q is no role; give viewer, operator, author or admin", name)
}

// May reports whether somebody of role r may do what needs the role need.
func (r Role) May(need Role) bool { return r >= need }

// String is the name of the role.
func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("role(%d)", uint8(r))
}

// MarshalText writes the name of the role.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the name of a role that a user or token can have.
func (r *Role) UnmarshalText(text []byte) error {
	parsed, err := ParseRole(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}
