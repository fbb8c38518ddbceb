package server

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"hooktree/server/accounts"
)

// Session says who is signed in, and where.
type Session struct {
	Name  string        `json:"name" doc:"Of the user or token"`
	Role  accounts.Role `json:"role" enum:"viewer,operator,author,admin"`
	Kind  string        `json:"kind" enum:"session,token,password"`
	Space string        `json:"space" doc:"Name of the space; its slug when it has none"`
}

func (s *Server) newSession(id accounts.Identity) Session {
	kind := "password"
	switch {
	case id.Session:
		kind = "session"
	case strings.HasPrefix(id.Credential, "token:"), strings.HasPrefix(id.Credential, "client:"):
		kind = "token"
	}
	space := s.services.Trees.Library().Space()
	return Session{Name: id.Name, Role: id.Role, Kind: kind, Space: cmp.Or(space.Name, space.Slug)}
}

type loginAsked struct {
	Body struct {
		Name     string `json:"name" minLength:"1" maxLength:"100"`
		Password string `json:"password" minLength:"1" maxLength:"256"`
	}
}

type loginTold struct {
	SetCookie string `header:"Set-Cookie"`
	Body      Session
}

func (s *Server) logIn(ctx context.Context, in *loginAsked) (*loginTold, error) {
	return s.startSession(ctx, accounts.Login{Name: in.Body.Name, Password: in.Body.Password})
}

func (s *Server) startSession(ctx context.Context, login accounts.Login) (*loginTold, error) {
	login.Remote = requestOf(ctx).Remote
	secret, id, err := s.services.Accounts.Login(ctx, login)
	if err != nil {
		return nil, err
	}
	return &loginTold{SetCookie: s.cookie(ctx, secret, accounts.SessionLife), Body: s.newSession(id)}, nil
}

// cookie holds a session's secret: out of reach of scripts, and not sent along
// by other sites' forms.
func (s *Server) cookie(ctx context.Context, secret string, life time.Duration) string {
	c := http.Cookie{
		Name: sessionCookie, Value: secret, Path: "/", MaxAge: int(life.Seconds()), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: len(requestOf(ctx).Origin) > 5 && requestOf(ctx).Origin[:5] == "https",
	}
	if secret == "" {
		c.MaxAge = -1
	}
	return c.String()
}

type sessionTold struct{ Body Session }

func (s *Server) showSession(ctx context.Context, _ *struct{}) (*sessionTold, error) {
	return &sessionTold{Body: s.newSession(callerOf(ctx).Identity)}, nil
}

type logoutTold struct {
	SetCookie string `header:"Set-Cookie"`
}

func (s *Server) logOut(ctx context.Context, _ *struct{}) (*logoutTold, error) {
	if secret := cookieOf(requestOf(ctx)); secret != "" {
		if err := s.services.Accounts.Logout(ctx, callerOf(ctx).Identity, secret); err != nil {
			return nil, err
		}
	}
	return &logoutTold{SetCookie: s.cookie(ctx, "", 0)}, nil
}

func cookieOf(req Request) string {
	shim := http.Request{Header: http.Header{"Cookie": req.Header["Cookie"]}}
	c, err := shim.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

type setUpAsked struct {
	Body struct {
		Secret   string `json:"secret" maxLength:"100" doc:"From the setup link that the server printed"`
		Name     string `json:"name,omitempty" maxLength:"100" default:"admin"`
		Password string `json:"password" maxLength:"256"`
	}
}

func (s *Server) setUp(ctx context.Context, in *setUpAsked) (*loginTold, error) {
	login := accounts.Login{Name: in.Body.Name, Password: in.Body.Password}
	if err := s.services.Accounts.SetUp(ctx, in.Body.Secret, login); err != nil {
		return nil, err
	}
	return s.startSession(ctx, login)
}

type passwordAsked struct {
	Body struct {
		Old string `json:"old" maxLength:"256"`
		New string `json:"new" maxLength:"256"`
	}
}

func (s *Server) changePassword(ctx context.Context, in *passwordAsked) (*struct{}, error) {
	who := callerOf(ctx)
	if who.Credential != "user:"+who.Name {
		return nil, newProblem(http.StatusConflict, "no_password", "a token has no password; sign in as a user")
	}
	login := accounts.Login{Name: who.Name, Password: in.Body.Old, Remote: requestOf(ctx).Remote}
	return nil, s.services.Accounts.ChangePassword(ctx, who.Identity, login, in.Body.New)
}
