package registration

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"hooktree/webhooks/source"
)

// grant gets a bearer token by a client's credentials, as Accelo gives them to
// service applications, and keeps it until shortly before it lapses.
type grant struct {
	api *api // at the address of the token call
	now func() time.Time

	mu    sync.Mutex
	token string
	until time.Time
}

// early is how long before its end a token is replaced.
const early = time.Minute

func (g *grant) bearer(ctx context.Context, refused string) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.token != "" && g.token != refused && g.now().Before(g.until) {
		return g.token, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"write(all)"}}
	got, err := g.api.call(ctx, http.MethodPost, "", form)
	if err != nil {
		return "", fmt.Errorf("get a token: %w", err)
	}
	made, err := got.token()
	if err != nil {
		return "", fmt.Errorf("the token call of %s: %w", hostOf(g.api.base), err)
	}
	g.token, g.until = made.Access, g.now().Add(made.life()-early)
	return g.token, nil
}

// tokens are what a token call gives.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Seconds int64  `json:"expires_in"`
}

func (t tokens) life() time.Duration { return time.Duration(t.Seconds) * time.Second }

func (a answer) token() (tokens, error) {
	var t tokens
	if err := a.into(&t); err != nil {
		return t, err
	}
	if t.Access == "" {
		return t, errors.New("it gave no access_token")
	}
	return t, nil
}

func basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
}

// tokenCall is where a platform gives tokens. Accelo does beside its API, on
// the same host.
func tokenCall(s *source.Source, base string) string {
	switch {
	case s.Register.TokenURL != "":
		return s.Register.TokenURL
	case s.Kind == source.Actionstep:
		return "https://api.actionstep.com/api/oauth/token"
	case s.Kind == source.Keap:
		return "https://api.infusionsoft.com/token"
	}
	at, _, _ := strings.Cut(base, "/api/v0")
	return at + "/oauth2/v0/token"
}

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return "the platform"
}
