// Package jobs is the durable shell around the pure core: it accepts events,
// keeps webhook jobs, runs, tasks and errors, and gets their work done.
//
// Runner is the only caller of [engine.Step]: it turns what happened into
// saved state. Worker is the only one that acts: it carries out saved commands
// and deliveries and reports each outcome to the Runner. Both advance by a
// single-threaded RunOnce, so that a simulator with a virtual clock and a seed
// gives the same trace every time.
//
// The package holds no SQL and no HTTP. What it needs of a store it declares
// here ([Ledger], [History], [AuditLog]); store/storetest is the conformance suite
// of those interfaces.
//
// # What is promised
//
//  1. An event is acknowledged only after its verdicts, jobs, runs and first
//     steps are committed, in one transaction.
//  2. Work is carried out at least once, after commit, always with the same
//     idempotency key. It is removed in the transaction that saves its outcome.
//  3. After a crash at any moment, whatever was accepted goes on: due work is
//     read from the store again.
package jobs
