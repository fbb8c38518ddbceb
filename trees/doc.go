// Package trees is the language that admins write: YAML files of trees and
// routines, read with positions, checked whole and compiled to [engine.Tree].
//
//	tree, faults := trees.Parse("trees/laptop.yaml", source, environment)
//
// A file that has a fault gives no tree. Every fault of a file is told at
// once, with its line, its column, the text and what to do about it.
//
// [Check] does the same for all files of a space, and gives a [Library]: an
// immutable snapshot of the trees that may run. A [Shelf] holds the active
// library, takes edits and reloads, and finds the version that an old run is
// pinned to.
//
// The package does not run trees (that is engine's and jobs' work), does not
// know which events exist (the caller's [Environment] says it), and keeps
// nothing itself: what must outlive the process goes through [Versions].
//
// # Duties of the caller
//
//  1. Give an [Environment] that names the handlers and the events as they are:
//     checks are only as good as it is.
//  2. Implement [Versions] so that Publish is one transaction.
//  3. Call [Shelf.Reload] when the files of the space change ([Watch] does).
package trees
