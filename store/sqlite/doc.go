// Package sqlite keeps hooktree's own data in one SQLite file.
//
// It holds the only SQL of that data and implements the interfaces that jobs,
// accounts, trees and webhooks declare. It decides nothing about events or
// runs: it saves what it is given, whole or not at all.
//
// One goroutine writes. It drains its queue into one transaction, commits, and
// only then answers every caller (group commit), which makes synchronous=FULL
// as fast as weaker settings under load; FULL is the only setting. Reads go
// through a small pool of their own connections and never wait for the writer.
//
// A failure to commit is final: SQLite may not be asked again after a failed
// fsync, so the store refuses all further work and [Store.Failed] reports it;
// the process is expected to end and to be started again.
package sqlite
