// Package jobs is the durable shell around the pure core: it accepts events,
// keeps webhook jobs, runs, tasks and errors, and gets their work done.
//
// [Runner] is the only caller of [engine.Step]: it turns what happened into
// saved state, and moves only when it is called. [Worker] is the only one that
// acts: it carries out saved commands and deliveries and reports each outcome
// to the Runner.
//
//	runner := jobs.NewRunner(jobs.Config{...})
//	worker := jobs.NewWorker(jobs.WorkerConfig{Runner: runner, ...})
//	go worker.Run(ctx)
//	receipts, err := runner.Accept(ctx, events)
//
// A simulator calls [Worker.RunOnce] in place of Run: then nothing here starts
// a goroutine, and a virtual clock and a seed give the same trace every time.
//
// The package holds no SQL, serves no HTTP and dials nowhere: deliveries go
// through the client that it is handed. What it needs of a store it declares
// here ([Ledger], [History], [AuditLog], [Batches]); store/storetest is the
// conformance suite of those interfaces. What it needs of subscriptions stands
// at [Endpoints].
//
// # What is promised
//
//  1. An event is acknowledged only after its verdicts, jobs, runs and first
//     steps are committed, in one transaction.
//  2. Work is carried out at least once, after commit, always with the same
//     idempotency key. It is removed in the transaction that saves its outcome.
//  3. After a crash at any moment, whatever was accepted goes on: due work is
//     read from the store again.
//  4. Deliveries of one subscription go out in the order of events where it asks
//     for that, are joined where its dialect does, and are settled together with
//     it. An endpoint that does not answer keeps no slot from the others.
//  5. A run never stands still in silence: it waits for something that it can
//     name, or there is an open error of it. A step that cannot be taken is one.
//
// # Duties of the caller
//
//  1. Give one Runner to a store at a time. Two would be right, but each would
//     do the other's work again.
//  2. Keep versions of trees for as long as a run of them is open.
//  3. Give identifiers that are UUIDv7s, and seeds from a secure source.
package jobs
