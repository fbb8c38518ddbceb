// Package oauth is OAuth 2.0 (RFC 6749) for clients of REST hooks, at the paths
// of each dialect's vendor.
//
// A token call gives tokens for a client's own credentials, for a refresh
// token, or for the code that a user's consent gave. An authorization endpoint
// is where an application sends a browser to have that consent: it looks at
// what is asked, and sends the browser on to the page that asks the user, or
// back with what is wrong. What a dialect does in its own way it says itself, in
// [subscription.Tokens]; who gets what for how long is decided in
// server/accounts.
//
// It is no library: those that are servers of OAuth (ory/fosite, for one)
// bring stores and sessions of their own and have none of the vendors' forms,
// while what is left of the protocol is a table of refusals.
//
//	mounts := oauth.New(oauth.Services{Accounts: service, Space: space, Log: log}, dialects)
//
// It is not the API that the tokens open, which is server/resthooks, nor the
// page, which is the UI's and asks the native API.
package oauth
