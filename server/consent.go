package server

import (
	"context"

	"hooktree/server/accounts"
)

// consentAsked is what an application asks a user for, under the names that
// OAuth has for it, so that the page hands on what it was given.
type consentAsked struct {
	Dialect   string `json:"dialect" query:"dialect" required:"true" doc:"One of GET /dialects"`
	Client    string `json:"client_id" query:"client_id" required:"true" maxLength:"100"`
	Redirect  string `json:"redirect_uri,omitempty" query:"redirect_uri" maxLength:"2000"`
	Type      string `json:"response_type,omitempty" query:"response_type" maxLength:"100"`
	Scope     string `json:"scope,omitempty" query:"scope" maxLength:"1000"`
	State     string `json:"state,omitempty" query:"state" maxLength:"2000"`
	Challenge string `json:"code_challenge,omitempty" query:"code_challenge" maxLength:"200"`
	Method    string `json:"code_challenge_method,omitempty" query:"code_challenge_method" maxLength:"20"`
}

type consentTold struct {
	Body struct {
		Client    Client   `json:"client" doc:"Who asks"`
		Redirect  string   `json:"redirect" doc:"Where the answer goes"`
		Scope     string   `json:"scope" doc:"What is asked for, in the dialect's words"`
		Allows    []string `json:"allows" doc:"What the application can do then, for people"`
		DeniedURL string   `json:"deniedUrl" doc:"Where the browser goes when the user does not want it"`
	}
}

// showConsent tells what a user is asked. It changes nothing.
func (s *Server) showConsent(ctx context.Context, in *consentAsked) (*consentTold, error) {
	consent, err := s.services.Accounts.Consider(ctx, accounts.AuthorizationRequest(*in))
	if err != nil {
		return nil, err
	}
	out := &consentTold{}
	out.Body.Client, out.Body.Redirect, out.Body.Scope = newClient(consent.Client), consent.Redirect, consent.Scope
	out.Body.Allows, out.Body.DeniedURL = allows(consent.Client.Dialect), consent.Denied()
	return out, nil
}

// allows says what a token opens that a user's consent gives. No scope makes
// it less.
func allows(dialect string) []string {
	able := []string{
		"see, make, change and delete REST hooks in your name, and no others",
		"receive what happens in this space, as far as its hooks ask for it",
	}
	if dialect == "standard" {
		able = append(able, "do what the role operator may: read jobs, runs and events, send events, and repeat or cancel work")
	}
	return append(able, "go on with it while you are away, until an admin revokes the application")
}

type allowed struct {
	Body struct {
		URL string `json:"url" doc:"Where the browser goes, with the code"`
	}
}

// allowClient lets an application act in the name of who is signed in.
func (s *Server) allowClient(ctx context.Context, in *struct{ Body consentAsked }) (*allowed, error) {
	address, err := s.services.Accounts.Allow(ctx, callerOf(ctx).Identity, accounts.AuthorizationRequest(in.Body))
	if err != nil {
		return nil, err
	}
	out := &allowed{}
	out.Body.URL = address
	return out, nil
}
