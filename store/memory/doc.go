// Package memory keeps webhook jobs, runs, errors and audit in memory.
//
// It implements the store that package jobs declares, passes the same
// conformance suite as the store on disk, and is deterministic: the simulator,
// `hooktree run` and tests stand on it. It is not a cache and not for service:
// what it holds is gone with the process, and it grows until it is purged.
package memory
