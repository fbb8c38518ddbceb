package registration

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// grant gets a bearer token by a client's credentials, as Accelo gives them to
// service applications, and keeps it until shortly before it lapses.
type grant struct {
	api    *api // at the address of the token call
	id     string
	secret string
	now    func() time.Time

	mu    sync.Mutex
	token string
	until time.Time
}

// early is how long before its end a token is replaced.
const early = time.Minute

func (g *grant) bearer(ctx context.Context) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.token != "" && g.now().Before(g.until) {
		return g.token, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"write(all)"}}
	got, err := g.api.call(ctx, http.MethodPost, "", form)
	if err != nil {
		return "", fmt.Errorf("get a token: %w", err)
	}
	var made struct {
		Token   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
	}
	if err := got.into(&made); err != nil || made.Token == "" {
		return "", fmt.Errorf("the token call of %s gave no access_token", hostOf(g.api.base))
	}
	g.token, g.until = made.Token, g.now().Add(time.Duration(made.Seconds)*time.Second-early)
	return g.token, nil
}

func basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
}

// tokenCall is where Accelo gives tokens: beside the API, on the same host.
func tokenCall(base string) string {
	at, _, _ := strings.Cut(base, "/api/v0")
	return at + "/oauth2/v0/token"
}

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return "the platform"
}
