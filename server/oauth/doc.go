// Package oauth answers the token calls that clients of REST hooks make: at
// Accelo's, Actionstep's and Keap's paths, and at one of our own.
//
// A call gives tokens for a client's own credentials, or for a refresh token.
// It is OAuth 2.0 (RFC 6749) without the part that needs a person: there is no
// consent page, so no authorization codes. What dialects do differently stands
// in one table, [dialects]; who gets what for how long is decided in
// server/accounts.
//
//	mounts := oauth.New(oauth.Services{Accounts: service, Space: space, Log: log})
//
// It is not the API that the tokens open: that is server/resthooks.
package oauth
