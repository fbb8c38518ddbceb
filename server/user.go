package server

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"hooktree/server/accounts"
)

// User is a person who can sign in, as the API shows it.
type User struct {
	Name      string        `json:"name"`
	Email     string        `json:"email,omitempty"`
	Role      accounts.Role `json:"role" enum:"viewer,operator,author,admin"`
	Disabled  bool          `json:"disabled"`
	CreatedAt Time          `json:"createdAt"`
	UpdatedAt Time          `json:"updatedAt"`
}

func newUser(u accounts.User) User {
	return User{
		Name: u.Name, Email: u.Email, Role: u.Role, Disabled: u.Disabled, CreatedAt: Time{u.Created}, UpdatedAt: Time{u.Updated},
	}
}

type usersTold struct {
	Body struct {
		Users []User `json:"users"`
		Next  string `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
	}
}

func (s *Server) listUsers(ctx context.Context, in *Paging) (*usersTold, error) {
	users, err := s.services.Accounts.Users(ctx, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &usersTold{}
	out.Body.Users = shown(users, newUser)
	if len(users) == in.Limit {
		out.Body.Next = users[len(users)-1].Name
	}
	return out, nil
}

// UserAsked is the path of a call about one user.
type UserAsked struct {
	Name string `path:"name" maxLength:"100"`
}

type userTold struct {
	ETag string `header:"ETag"`
	Body User
}

func tellUser(u accounts.User) *userTold {
	return &userTold{ETag: etag(strconv.FormatInt(u.Revision, 10)), Body: newUser(u)}
}

func (s *Server) showUser(ctx context.Context, in *UserAsked) (*userTold, error) {
	user, err := s.services.Accounts.User(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	return tellUser(user), nil
}

// UserSent is what may be set of a user.
type UserSent struct {
	Email    *string `json:"email,omitempty" maxLength:"254"`
	Role     *string `json:"role,omitempty" enum:"viewer,operator,author,admin"`
	Disabled *bool   `json:"disabled,omitempty"`
	Password *string `json:"password,omitempty" maxLength:"256"`
}

func (u UserSent) edit() (accounts.UserEdit, error) {
	edit := accounts.UserEdit{Email: u.Email, Disabled: u.Disabled, Password: u.Password}
	if u.Role == nil {
		return edit, nil
	}
	role, err := accounts.ParseRole(*u.Role)
	edit.Role = &role
	return edit, err
}

type userCreated struct {
	Body struct {
		Name string `json:"name" maxLength:"100"`
		UserSent
	}
}

func (s *Server) createUser(ctx context.Context, in *userCreated) (*userTold, error) {
	edit, err := in.Body.edit()
	if err != nil {
		return nil, err
	}
	user, err := s.services.Accounts.CreateUser(ctx, callerOf(ctx).Identity, in.Body.Name, edit)
	if err != nil {
		return nil, err
	}
	return tellUser(user), nil
}

type userChanged struct {
	UserAsked
	Guarded

	Body UserSent
}

func (s *Server) updateUser(ctx context.Context, in *userChanged) (*userTold, error) {
	revision, err := in.revision()
	if err != nil {
		return nil, err
	}
	edit, err := in.Body.edit()
	if err != nil {
		return nil, err
	}
	user, err := s.services.Accounts.UpdateUser(ctx, callerOf(ctx).Identity, in.Name, revision, edit)
	if err != nil {
		return nil, err
	}
	return tellUser(user), nil
}

// revision reads If-Match of a user, who is known to exist or not only later;
// zero for any.
func (g Guarded) revision() (int64, error) {
	if g.IfMatch == "" {
		return 0, newProblem(http.StatusPreconditionRequired, "if_match_required", "read the user, and send the ETag as If-Match, so that nobody's change is lost; * takes any")
	}
	if g.IfMatch == "*" {
		return 0, nil
	}
	revision, err := strconv.ParseInt(strings.Trim(g.IfMatch, `"`), 10, 64)
	if err != nil || revision < 1 {
		return 0, newProblem(http.StatusPreconditionFailed, "stale", "this If-Match is no ETag of a user; read the user again and send the new one")
	}
	return revision, nil
}

type userGone struct {
	UserAsked
	Guarded
}

func (s *Server) deleteUser(ctx context.Context, in *userGone) (*struct{}, error) {
	revision, err := in.revision()
	if err != nil {
		return nil, err
	}
	return nil, s.services.Accounts.DropUser(ctx, callerOf(ctx).Identity, in.Name, revision)
}
