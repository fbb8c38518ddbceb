package kinetic

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"hooktree/server"
	"hooktree/server/accounts"
)

func (a *api) accessKeyRoutes() []server.Route {
	return a.routes(accounts.Admin,
		get("/access-keys", a.listAccessKeys),
		post("/access-keys", a.createAccessKey),
		get("/access-keys/:id", a.showAccessKey),
		put("/access-keys/:id", a.updateAccessKey),
		remove("/access-keys/:id", a.deleteAccessKey),
	)
}

// accessKey is an access key as the API shows it. The secret is told once, by
// the call that made one up.
type accessKey struct {
	Identifier  string  `json:"identifier"`
	Description string  `json:"description"`
	Secret      *string `json:"secret,omitempty"`
	*stamped
}

func newAccessKey(k accounts.AccessKey, req *request) accessKey {
	shown := accessKey{Identifier: k.Identifier, Description: k.Description}
	if req.includes["details"] {
		shown.stamped = &stamped{CreatedAt: stamp{k.Created}, UpdatedAt: stamp{k.Created}}
	}
	return shown
}

func (a *api) listAccessKeys(ctx context.Context, req *request) (any, error) {
	p, err := req.paging(false)
	if err != nil {
		return nil, err
	}
	keys, err := a.services.AccessKeys.AccessKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the access keys: %w", err)
	}
	var list []accessKey
	for _, k := range keys {
		list = append(list, newAccessKey(k, req))
	}
	return listed(p, "accessKeys", list), nil
}

func (a *api) findAccessKey(ctx context.Context, req *request) (accounts.AccessKey, error) {
	identifier := req.Params["id"]
	key, err := a.services.AccessKeys.AccessKey(ctx, identifier)
	if errors.Is(err, accounts.ErrNotFound) {
		return key, noAccessKey(identifier)
	}
	if err != nil {
		return key, fmt.Errorf("load the access key %s: %w", identifier, err)
	}
	return key, nil
}

func (a *api) showAccessKey(ctx context.Context, req *request) (any, error) {
	key, err := a.findAccessKey(ctx, req)
	if err != nil {
		return nil, err
	}
	return newAccessKey(key, req), nil
}

// sentKey is an access key as clients send it; what is not sent stays as it is.
type sentKey struct {
	Identifier  *string `json:"identifier"`
	Secret      *string `json:"secret"`
	Description *string `json:"description"`
}

// The bounds of an access key, in bytes. The vendor's own secrets are 32 and
// more; a shorter one than the least can be guessed.
const (
	maxIdentifier = 255
	minSecret     = 5
	maxSecret     = 1024
)

// over lays what was sent over a key.
func (s sentKey) over(k accounts.AccessKey) (accounts.AccessKey, error) {
	if s.Identifier != nil {
		k.Identifier = *s.Identifier
	}
	if s.Description != nil {
		k.Description = *s.Description
	}
	if s.Secret != nil {
		k.Secret = []byte(*s.Secret)
	}
	unfit := func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }
	switch {
	case k.Identifier == "" || len(k.Identifier) > maxIdentifier || strings.ContainsFunc(k.Identifier, unfit):
		return k, invalid("an identifier is 1 to %d printable ASCII characters, because it is sent in a header", maxIdentifier)
	case len(k.Secret) < minSecret || len(k.Secret) > maxSecret:
		return k, invalid("a secret has %d to %d bytes; this one has %d", minSecret, maxSecret, len(k.Secret))
	case len(k.Description) > maxSecret:
		return k, invalid("a description has at most %d bytes", maxSecret)
	}
	return k, nil
}

// createAccessKey keeps a key. What the client leaves out is made up, and the
// secret is told then.
func (a *api) createAccessKey(ctx context.Context, req *request) (any, error) {
	var sent sentKey
	if err := req.json(&sent); err != nil {
		return nil, err
	}
	made := sent.Secret == nil
	key, err := sent.over(accounts.AccessKey{
		Identifier: strings.ToLower(rand.Text()), Secret: []byte(rand.Text() + rand.Text()),
		Created: a.config.Now(),
	})
	if err != nil {
		return nil, err
	}
	all, err := a.services.AccessKeys.AccessKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the access keys: %w", err)
	}
	if len(all) >= accounts.MaxAccessKeys {
		return nil, invalid("a space may have %d access keys; delete one first", accounts.MaxAccessKeys)
	}
	if err := a.saveAccessKey(ctx, req, "create", accounts.AccessKeyChange{Key: key}); err != nil {
		return nil, err
	}
	shown := newAccessKey(key, req)
	if made {
		shown.Secret = text(string(key.Secret))
	}
	return tellAccessKey("Created", shown), nil
}

// saveAccessKey carries a change out under the name of who asked for it.
func (a *api) saveAccessKey(ctx context.Context, req *request, did string, c accounts.AccessKeyChange) error {
	identifier := cmp.Or(c.Was, c.Key.Identifier)
	c.Audit = accounts.Audit{At: a.config.Now(), Who: req.by(), Did: "access-key." + did, What: identifier}
	err := a.services.AccessKeys.SaveAccessKey(ctx, c)
	switch {
	case errors.Is(err, accounts.ErrExists):
		return fail(http.StatusBadRequest, keyTaken, "there is an access key %q already; change it by PUT, or choose another identifier", c.Key.Identifier)
	case errors.Is(err, accounts.ErrNotFound):
		return noAccessKey(identifier)
	case err != nil:
		return fmt.Errorf("%s the access key %s: %w", did, identifier, err)
	default:
		return nil
	}
}

func noAccessKey(identifier string) error {
	return missing("there is no access key %q", clip(identifier))
}

func tellAccessKey(did string, key accessKey) any {
	return struct {
		done

		AccessKey accessKey `json:"accessKey"`
	}{success(fmt.Sprintf("%s the access key %q.", did, key.Identifier)), key}
}

func (a *api) updateAccessKey(ctx context.Context, req *request) (any, error) {
	var sent sentKey
	if err := req.json(&sent); err != nil {
		return nil, err
	}
	old, err := a.findAccessKey(ctx, req)
	if err != nil {
		return nil, err
	}
	key, err := sent.over(old)
	if err != nil {
		return nil, err
	}
	if err := a.saveAccessKey(ctx, req, "update", accounts.AccessKeyChange{Was: old.Identifier, Key: key}); err != nil {
		return nil, err
	}
	return tellAccessKey("Updated", newAccessKey(key, req)), nil
}

func (a *api) deleteAccessKey(ctx context.Context, req *request) (any, error) {
	key, err := a.findAccessKey(ctx, req)
	if err != nil {
		return nil, err
	}
	if err := a.saveAccessKey(ctx, req, "delete", accounts.AccessKeyChange{Was: key.Identifier, Remove: true}); err != nil {
		return nil, err
	}
	return tellAccessKey("Deleted", newAccessKey(key, req)), nil
}
