package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"hooktree/server/accounts"
)

// sessionCookie holds a browser's session. It is not readable by scripts and
// is not sent along from other sites.
const sessionCookie = "hooktree_session"

// authenticate finds out who sends a request. Credentials in Authorization
// must be good wherever they are read; a cookie that is over is no cookie.
func (s *Server) authenticate(c *fiber.Ctx, r *row) (accounts.Identity, *Refusal) {
	if r.Own {
		return accounts.Identity{}, nil
	}
	if header := c.Request().Header.Peek(fiber.HeaderAuthorization); len(header) > 0 {
		identity, err := s.byHeader(c, header)
		return identity, s.refusalOfLogin(err)
	}
	secret := c.Request().Header.Cookie(sessionCookie)
	if len(secret) == 0 {
		return accounts.Identity{}, nil
	}
	identity, err := s.services.Accounts.Session(s.stopping, secret)
	if errors.Is(err, accounts.ErrDenied) {
		return accounts.Identity{}, nil
	}
	return identity, s.refusalOfLogin(err)
}

func (s *Server) byHeader(c *fiber.Ctx, header []byte) (accounts.Identity, error) {
	scheme, rest, _ := bytes.Cut(header, []byte(" "))
	switch {
	case bytes.EqualFold(scheme, []byte("bearer")):
		return s.services.Accounts.Bearer(s.stopping, bytes.TrimSpace(rest))
	case bytes.EqualFold(scheme, []byte("basic")):
		login, err := basicLogin(rest)
		if err != nil {
			return accounts.Identity{}, err
		}
		login.Remote = s.proxies.client(c.Context())
		ctx, cancel := context.WithTimeout(s.stopping, callTimeout)
		defer cancel()
		return s.services.Accounts.Password(ctx, login)
	default:
		return accounts.Identity{}, errScheme
	}
}

var errScheme = errors.New("the Authorization header is neither Bearer nor Basic")

func basicLogin(encoded []byte) (accounts.Login, error) {
	text, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(encoded)))
	if err != nil {
		return accounts.Login{}, errScheme
	}
	name, password, ok := strings.Cut(string(text), ":")
	if !ok {
		return accounts.Login{}, errScheme
	}
	return accounts.Login{Name: name, Password: password}, nil
}

// refusalOfLogin says why credentials were not taken; nil for no error.
func (s *Server) refusalOfLogin(err error) *Refusal {
	if err == nil {
		return nil
	}
	if throttled, ok := errors.AsType[*accounts.ThrottledError](err); ok {
		return &Refusal{
			Status: http.StatusTooManyRequests, Code: "too_many_logins", RetryAfter: throttled.RetryAfter,
			Message: "too many logins failed or are being checked; wait " + seconds(throttled.RetryAfter) + " s and try again",
		}
	}
	switch {
	case errors.Is(err, errScheme):
		return &Refusal{
			Status: http.StatusUnauthorized, Code: "unknown_scheme",
			Message: "Authorization must be Bearer with a token, or Basic with base64 of name:password",
		}
	case errors.Is(err, accounts.ErrDenied):
		return &Refusal{
			Status: http.StatusUnauthorized, Code: "denied",
			Message: "the credentials are wrong, expired or revoked; sign in again, or ask an admin for a new token",
		}
	default:
		s.config.Log.Error("check credentials", "error", err)
		refusal := internal()
		return &refusal
	}
}
