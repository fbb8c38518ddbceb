package accounts

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Client is an application that speaks a REST-hooks dialect and gets its
// tokens by its own credentials, at the dialect's token call. What it does is
// done by the role operator: for its owner, or for the users who allow it.
type Client struct {
	ID        string // UUIDv7; its client_id
	Name      string
	Secret    Hash // SHA-256 of its client_secret
	Public    bool // it has no secret, because it runs where everybody can read it
	Dialect   string
	Owner     Owner    // for whom it acts by its own credentials; zero for nobody
	Redirects []string // where users who are asked are sent back to; none where it asks nobody
	By        string   // who made it
	Created   time.Time
	Revoked   time.Time // zero is not
}

// MaxClients is how many clients a space may have. A new one takes the place
// of the one that was revoked first, where there is one.
const MaxClients = 1000

// ClientRequest is what somebody asks for in a new client.
type ClientRequest struct {
	Name      string
	Dialect   string
	Owner     Owner
	Redirects []string
	Public    bool
}

// ClientSecrets is what a new client is given, once.
type ClientSecrets struct {
	Secret  string // empty for a public client
	Refresh string // the first refresh token; empty in a dialect without
}

// Clients lists clients by id, those after the given one.
func (s *Service) Clients(ctx context.Context, after string, limit int) ([]Client, error) {
	return s.store.Clients(ctx, after, limit)
}

// CreateClient makes a client and gives its secrets, which are not kept.
func (s *Service) CreateClient(ctx context.Context, by Identity, want ClientRequest) (Client, ClientSecrets, error) {
	if err := s.checkClient(want); err != nil {
		return Client{}, ClientSecrets{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Client{}, ClientSecrets{}, err
	}
	client := Client{
		ID: id.String(), Name: want.Name, Public: want.Public, Dialect: want.Dialect, Owner: want.Owner, Redirects: want.Redirects,
		By: by.Name, Created: s.now(),
	}
	made := ClientSecrets{}
	if !client.Public {
		random := s.newSecret(clientPrefix)
		made.Secret, client.Secret = random.Text, random.Hash
	}
	change := ClientChange{Client: client, Audit: s.audit(by, "client.create", client.ID)}
	if life := s.terms[client.Dialect].Refresh; life > 0 && client.owned() {
		var first Refresh
		if made.Refresh, first, err = s.newRefresh(client, order{owner: client.Owner, refresh: life}); err != nil {
			return Client{}, ClientSecrets{}, err
		}
		change.Refresh = &first
	}
	if err := s.store.CreateClient(ctx, change); err != nil {
		return Client{}, ClientSecrets{}, err
	}
	return client, made, nil
}

func (s *Service) checkClient(want ClientRequest) error {
	_, known := s.terms[want.Dialect]
	switch {
	case !known:
		return invalid("dialect", "%q is no dialect whose clients ask for tokens; give %s", want.Dialect, s.dialects())
	case want.Name == "" || len(want.Name) > maxTokenName:
		return invalid("name", "a client needs a name of 1 to %d bytes that says which application it is", maxTokenName)
	case want.Owner == (Owner{}) && len(want.Redirects) == 0:
		return invalid("owner", "a client acts for somebody; give its owner's name, or redirect URIs so that it can ask users")
	case want.Owner != (Owner{}) && want.Owner.Name == "":
		return invalid("owner", "an owner has a name; give it")
	case want.Public && (len(want.Redirects) == 0 || want.Owner != (Owner{})):
		return invalid("public", "a public client has no secret, so it only acts for users who allow it; give redirect URIs, and no owner")
	case want.Owner.ID < 0:
		return invalid("owner", "an owner's number is not negative; %d is", want.Owner.ID)
	default:
		return checkRedirects(want.Redirects)
	}
}

// owned reports whether the client acts for somebody by its own credentials.
func (c Client) owned() bool { return c.Owner.Name != "" }

// RevokeClient ends a client with all of its tokens. Revoking one twice
// changes nothing.
func (s *Service) RevokeClient(ctx context.Context, by Identity, id string) error {
	defer s.verified.forget()
	return s.store.RevokeClient(ctx, id, s.audit(by, "client.revoke", id))
}

// Client gives the client of a dialect behind its id and secret, which stand
// in the login as name and password; a public client has no secret. Failures count as those of users do.
func (s *Service) Client(ctx context.Context, dialect string, login Login) (Client, error) {
	if err := s.failures.allow(login); err != nil {
		return Client{}, err
	}
	client, err := s.store.Client(ctx, login.Name)
	if err != nil && !isNotFound(err) {
		return Client{}, err
	}
	same := sameHash(client.Secret, hashOf(login.Password)) || client.Public && login.Password == ""
	if err != nil || !same || client.Dialect != dialect || !client.Revoked.IsZero() {
		s.failures.count(login)
		return Client{}, ErrDenied
	}
	s.failures.clear(login)
	return client, nil
}

// identity is the client as one who acts, for the audit.
func (c Client) identity() Identity {
	return Identity{Name: c.Name, Role: Operator, Credential: clientCredential + c.ID, Dialect: c.Dialect, Owner: c.Owner}
}

// clientCredential begins the credential of a client, which outlives each of
// its tokens.
const clientCredential = "client:"
