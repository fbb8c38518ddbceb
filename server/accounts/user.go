package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// User is a person who signs in by name and password.
type User struct {
	Name     string // lower case, unique
	Email    string
	Role     Role
	Disabled bool
	Password string // argon2id in PHC form; empty can not sign in
	Revision int64  // rises with each change; guards against lost updates
	Created  time.Time
	Updated  time.Time
}

// userCredential begins the credential of a user.
const userCredential = "user:"

// owner is the user as the dialects show one. Their clients know people by
// number, so a user has one, too: drawn from the name and the moment when the
// user was made, so that nobody inherits hooks with a name, and so large that
// it is none that an admin gives by hand, yet whole in JavaScript.
func (u User) owner() Owner {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", u.Name, u.Created.UnixMilli()))
	number := int64(1)<<52 | int64(binary.BigEndian.Uint64(sum[:8])>>12)
	return Owner{ID: number, Name: u.Name, Email: u.Email}
}

// UserEdit is what an admin may set of a user. A nil member stays as it is;
// for a new user it is empty.
type UserEdit struct {
	Email    *string
	Role     *Role
	Disabled *bool
	Password *string
}

// The bounds of a password, in bytes. No rule about its characters: length is
// what counts.
const (
	MinPassword = 8
	MaxPassword = 256
)

var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._@+-]{0,63}$`)

// CleanName gives the form in which a user's name is kept.
func CleanName(name string) (string, error) {
	clean := strings.ToLower(strings.TrimSpace(name))
	if !namePattern.MatchString(clean) {
		return "", invalid("name", "a user's name is 1 to 64 letters, digits and . _ @ + - and starts with a letter or digit; got %q", name)
	}
	return clean, nil
}

func checkPassword(password string) error {
	if len(password) < MinPassword || len(password) > MaxPassword {
		return invalid("password", "a password has %d to %d bytes; this one has %d", MinPassword, MaxPassword, len(password))
	}
	return nil
}

// Users lists users by name, those after the given name.
func (s *Service) Users(ctx context.Context, after string, limit int) ([]User, error) {
	return s.store.Users(ctx, after, limit)
}

// User gives one user.
func (s *Service) User(ctx context.Context, name string) (User, error) {
	clean, err := CleanName(name)
	if err != nil {
		return User{}, ErrNotFound
	}
	return s.store.User(ctx, clean)
}

// CreateUser makes a user; role and password are required.
func (s *Service) CreateUser(ctx context.Context, by Identity, name string, edit UserEdit) (User, error) {
	clean, err := CleanName(name)
	if err != nil {
		return User{}, err
	}
	if edit.Role == nil {
		return User{}, invalid("role", "a new user needs a role: viewer, operator, author or admin")
	}
	if edit.Password == nil {
		return User{}, invalid("password", "a new user needs a password of %d to %d bytes", MinPassword, MaxPassword)
	}
	user := User{Name: clean, Created: s.now()}
	return s.saveUser(ctx, user, edit, UserChange{Audit: s.audit(by, "user.create", clean)})
}

// UpdateUser changes what the edit names. A change of password, role or state
// ends the user's sessions. Revision is the one that was read; zero takes any.
func (s *Service) UpdateUser(ctx context.Context, by Identity, name string, revision int64, edit UserEdit) (User, error) {
	user, err := s.User(ctx, name)
	if err != nil {
		return User{}, err
	}
	if revision != 0 && revision != user.Revision {
		return User{}, ErrStale
	}
	return s.saveUser(ctx, user, edit, UserChange{
		EndSessions: edit.Password != nil || edit.Role != nil || edit.Disabled != nil,
		Audit:       s.audit(by, "user.update", user.Name),
	})
}

// ChangePassword lets a user change the own password; the old one is asked.
func (s *Service) ChangePassword(ctx context.Context, by Identity, login Login, password string) error {
	if _, err := s.Password(ctx, login); err != nil {
		return err
	}
	_, err := s.UpdateUser(ctx, by, login.Name, 0, UserEdit{Password: &password})
	return err
}

// DropUser removes a user and ends the sessions.
func (s *Service) DropUser(ctx context.Context, by Identity, name string, revision int64) error {
	user, err := s.User(ctx, name)
	if err != nil {
		return err
	}
	if revision != 0 && revision != user.Revision {
		return ErrStale
	}
	defer s.verified.forget()
	return s.store.SaveUser(ctx, UserChange{
		User: user, Remove: true, EndSessions: true, Audit: s.audit(by, "user.delete", user.Name),
	})
}

func (s *Service) saveUser(ctx context.Context, user User, edit UserEdit, change UserChange) (User, error) {
	if edit.Email != nil {
		user.Email = *edit.Email
	}
	if edit.Role != nil {
		if *edit.Role < Viewer || *edit.Role > Admin {
			return User{}, invalid("role", "give viewer, operator, author or admin")
		}
		user.Role = *edit.Role
	}
	if edit.Disabled != nil {
		user.Disabled = *edit.Disabled
	}
	if edit.Password != nil {
		if err := checkPassword(*edit.Password); err != nil {
			return User{}, err
		}
		hash, err := s.hasher.hash(ctx, *edit.Password)
		if err != nil {
			return User{}, err
		}
		user.Password = hash
	}
	user.Updated = s.now()
	change.User = user
	defer s.verified.forget()
	if err := s.store.SaveUser(ctx, change); err != nil {
		return User{}, err
	}
	user.Revision++
	return user, nil
}

// Start makes sure that somebody can sign in. In a space without users it
// makes the user `admin` when a password is given, and else returns the secret
// of the one-time setup link. It returns an empty secret when nothing is to do.
func (s *Service) Start(ctx context.Context, password string) (setup string, err error) {
	users, err := s.store.Users(ctx, "", 1)
	if err != nil || len(users) > 0 {
		return "", err
	}
	if password != "" {
		return "", s.createFirst(ctx, Login{Name: "admin", Password: password})
	}
	secret := s.newSecret(setupPrefix)
	s.setup.Store(&secret.Hash)
	return secret.Text, nil
}

// SetUp makes the first admin by the secret of the setup link, which works once.
func (s *Service) SetUp(ctx context.Context, secret string, login Login) error {
	want := s.setup.Load()
	if want == nil {
		return ErrSetUp
	}
	if !sameHash(*want, hashOf(secret)) {
		return ErrDenied
	}
	err := s.createFirst(ctx, login)
	if err == nil || errors.Is(err, ErrSetUp) {
		s.setup.Store(nil)
	}
	return err
}

func (s *Service) createFirst(ctx context.Context, login Login) error {
	clean, err := CleanName(login.Name)
	if err != nil {
		return err
	}
	role := Admin
	_, err = s.saveUser(ctx, User{Name: clean, Created: s.now()},
		UserEdit{Role: &role, Password: &login.Password},
		UserChange{First: true, Audit: s.audit(Identity{Name: "setup"}, "user.create", clean)})
	return err
}
