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
//
// # Names of what is done
//
// A command is named by run, node, place and attempt: `RUN/NODE/PLACE/ATTEMPT`
// for a call, with `/retry`, `/wait` or `/expiry` for its timers. The
// idempotency key is the same without the attempt. A [Place] tells loop items,
// updates and visits apart, and is empty at the top of a run.
//
// # Bounds
//
// A step walks [MaxWalked] nodes or writes [MaxWritten] bytes of results, then
// asks for a [Continue]; until that is answered, other events are taken in but
// nothing is walked. A loop has at most [MaxItems] items under way, also with
// `parallel: all`, and a run that has [MaxOpen] executions open begins no more
// items than it must to move. Rounds of an until loop follow each other. So the
// head does not grow with a list, and item 10,000 writes what item 10 wrote. A
// task keeps its latest [MaxAttempts] failed attempts; routines call each other
// to [MaxDepth].
//
// # Where the language leaves a choice
//
//   - An expression of a node that raises fails the node, without a retry: its
//     failed connectors fire if it has any, with the code `expression`.
//   - A retry by an operator is one more attempt; the policy is used up.
//   - A join that can no longer be filled becomes a Cancelled task whose reason
//     names the connector. A join that nothing has reached has no task.
//   - A settled join waits for its ancestor too, and for whatever may still lead
//     to another place on the way to it.
//   - An item of a loop that fails, where the loop has a failed connector, lets
//     the other items finish; then the loop fails with the first failure.
//   - `need` counts the items that finished; the results are theirs, in the
//     order of the items. A loop's results are gathered only if something reads
//     them.
//   - A completion that comes while the deferral's call is still under way is
//     kept until that call is reported, and stands even when the call failed.
//   - A run that ends early drops timers, tokens and calls of routines, and lets
//     calls that are under way finish.
//
// # Semantics
//
// A change after which a recorded run would go another way raises [Semantics],
// and Step keeps the old branch for runs that began before. The traces in
// testdata/traces hold it to that.
package engine
