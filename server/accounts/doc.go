// Package accounts knows who may do what: users and their roles, API tokens,
// the clients of REST hooks and what they are given, sessions, passwords, the
// first start, and the audit of all of it.
//
// It speaks no HTTP and holds no SQL: the server hands it credentials and gets
// an [Identity], and a [Store] keeps what it decides. It sends no mail and
// knows no other login than its own.
//
// # What it keeps to
//
//  1. Tokens and sessions are random and stored as SHA-256; passwords by
//     argon2id (19 MiB, two passes), two at a time.
//  2. A verified credential is remembered under a keyed hash, and forgotten at
//     once when the account behind it changes here. What another process
//     changes holds within [Noticed]: the account is read again, while a
//     password is hashed again after five minutes only.
//  3. There is no default password.
//  4. A client's access tokens expire by the [Terms] of its dialect. Its refresh
//     tokens are spent by their use, and one that is used again ends all that
//     came from it; see [Refresh]. What a client holds is bounded.
package accounts
