package accounts

import (
	"context"
	"net/netip"
	"time"
)

// Session is a signed-in browser.
type Session struct {
	Hash    Hash // SHA-256 of the cookie's secret
	User    string
	Created time.Time
	Expires time.Time
}

// SessionLife is how long a session lasts.
const SessionLife = 7 * 24 * time.Hour

// Login is a name and password as somebody gave them.
type Login struct {
	Name     string
	Password string
	Remote   netip.Addr // where from; failures are counted by it
}

// Login starts a session and gives its secret, which is not kept.
func (s *Service) Login(ctx context.Context, login Login) (secret string, id Identity, err error) {
	id, err = s.Password(ctx, login)
	if err != nil {
		return "", Identity{}, err
	}
	random, now := s.newSecret(sessionPrefix), s.now()
	session := Session{Hash: random.Hash, User: id.Name, Created: now, Expires: now.Add(SessionLife)}
	if err := s.store.SaveSession(ctx, session, s.audit(id, "session.start", id.Name)); err != nil {
		return "", Identity{}, err
	}
	id.Session = true
	return random.Text, id, nil
}

// Logout ends a session. One that is over already is no error.
func (s *Service) Logout(ctx context.Context, by Identity, secret string) error {
	hash := hashOf(secret)
	defer s.verified.drop(hash)
	return s.store.EndSession(ctx, hash, s.audit(by, "session.end", by.Name))
}

// Session gives the identity behind a session's secret.
func (s *Service) Session(ctx context.Context, secret []byte) (Identity, error) {
	hash := hashOf(secret)
	if id, ok := s.verified.get(hash); ok {
		return id, nil
	}
	epoch := s.verified.epoch()
	session, err := s.store.Session(ctx, hash)
	if err != nil {
		return Identity{}, denied(err)
	}
	user, err := s.store.User(ctx, session.User)
	if err != nil {
		return Identity{}, denied(err)
	}
	if user.Disabled || !s.now().Before(session.Expires) {
		return Identity{}, ErrDenied
	}
	id := user.identity()
	id.Session = true
	s.verified.put(epoch, hash, remembered{identity: id, until: session.Expires})
	return id, nil
}

// Password gives the identity of a user by name and password.
func (s *Service) Password(ctx context.Context, login Login) (Identity, error) {
	key := s.keyed(login)
	if id, ok := s.verified.get(key); ok {
		return id, nil
	}
	if id, ok := s.known(ctx, key, login.Name); ok {
		return id, nil
	}
	if err := s.failures.allow(login); err != nil {
		return Identity{}, err
	}
	epoch := s.verified.epoch()
	user, err := s.checked(ctx, login)
	if err != nil {
		return Identity{}, err
	}
	s.failures.clear(login)
	s.verified.put(epoch, key, remembered{identity: user.identity(), password: user.Password})
	return user.identity(), nil
}

// known gives the identity of a user whose password was checked lately and has
// not changed since: a look at the store in place of another hash.
func (s *Service) known(ctx context.Context, key Hash, name string) (Identity, bool) {
	r, ok := s.verified.find(key)
	if !ok {
		return Identity{}, false
	}
	epoch := s.verified.epoch()
	user, err := s.User(ctx, name)
	if err != nil || user.Disabled || user.Password != r.password {
		return Identity{}, false
	}
	r.identity = user.identity()
	s.verified.put(epoch, key, r)
	return r.identity, true
}

// checked gives the user whose password it is. A name that does not exist
// costs the same time as a wrong password.
func (s *Service) checked(ctx context.Context, login Login) (User, error) {
	user, err := s.User(ctx, login.Name)
	if err != nil && !isNotFound(err) {
		return User{}, err
	}
	known := err == nil && !user.Disabled && user.Password != ""
	hash := user.Password
	if !known {
		hash = nobody
	}
	same, err := s.hasher.same(ctx, hash, login.Password)
	if err != nil {
		return User{}, err
	}
	if !known || !same {
		s.failures.count(login)
		return User{}, ErrDenied
	}
	return user, nil
}

func (u User) identity() Identity {
	return Identity{Name: u.Name, Role: u.Role, Credential: userCredential + u.Name}
}
