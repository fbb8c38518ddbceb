// Package engine decides what a run does next, and does none of it.
//
// A run is one walk of a [Tree]. The caller feeds it events one at a time, and
// [Step] answers with what changes in the state and the commands to carry out:
//
//	delta, commands, err := engine.Step(tree, state, event)
//	// save the delta and the commands, then
//	state = state.With(delta)
//
// Step is a pure function: it reads no clock, opens no socket, starts no
// goroutine, draws no random number and walks no map in Go's order. Times,
// seeds, identifiers and the results of handlers reach it inside events.
// Whoever feeds the same events gets the same state, in every process, so a
// run behaves alike under every driver and a bug report replays as a test.
//
// The package is not a scheduler, not a store and not a language: it never
// waits, never saves, and knows nothing of YAML. Expressions are whatever
// implements [Expr].
//
// # Duties of the caller
//
//  1. Give Step the state as the last accepted delta left it. Two steps of one
//     run never overlap.
//
//  2. Save the delta and the commands in one transaction. Call Step before that
//     transaction, never inside it.
//
//  3. Carry out a command only after that transaction has committed, and as
//     often as needed: a command may be carried out twice, with the same
//     [Call.Key] each time, and never zero times.
//
//  4. Report each outcome as an event that names the command's ID. Reporting one
//     twice, or late, is safe; Step answers with an empty delta.
//
//  5. Before a step, load into [State.Tasks] the tasks that the head names
//     ([Head.Keys]) and the finished tasks of the nodes in [Tree.Reads]; Step
//     reads no others. A task of Head.Keys that is missing is refused.
//
//  6. Resolve [Sealed] values only at the moment of sending. What is stored,
//     shown or logged is their masked text.
//
//  7. Keep the Tree for as long as a run of its Hash is open: a run never
//     changes its tree.
//
//  8. Make the Tree with [NewTree], once a version.
//
// A driver that keeps these duties may crash at any point and resume.
package engine
