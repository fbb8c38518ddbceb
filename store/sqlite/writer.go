package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"hooktree/jobs"
)

// Bounds of one transaction.
const (
	batchOps   = 256
	indexEvery = 250 * time.Millisecond
)

// refusal is an answer that an operation gives before it has written anything;
// the rest of its batch is not touched by it.
type refusal struct{ err error }

func (r refusal) Error() string { return r.err.Error() }

// op is one write that waits for its commit.
type op struct {
	do   func(*tx) error
	done chan error
}

// writer is the one goroutine that writes.
type writer struct {
	store  *Store
	db     *sql.DB
	conn   *sql.Conn
	queue  chan *op
	ended  chan struct{} // closed when the goroutine has ended
	failed chan struct{} // closed when a commit failed

	mu      sync.RWMutex // guards closed and err
	closed  bool
	err     error
	stopErr error

	lag     searchLag
	writes  atomic.Int64
	commits atomic.Int64
	vacuum  atomic.Bool // free pages are to be given back
}

// startWriter starts the goroutine on its connection.
func startWriter(ctx context.Context, db *sql.DB, conn *sql.Conn, s *Store) (*writer, error) {
	w := &writer{
		store: s, db: db, conn: conn,
		queue: make(chan *op, s.options.Queue), ended: make(chan struct{}), failed: make(chan struct{}),
	}
	started := make(chan error, 1)
	go func() {
		defer close(w.ended)
		// The driver's own statements spare each insert the work that
		// database/sql does for connections that come and go.
		err := conn.Raw(func(raw any) error {
			t := newTx(raw.(driverConn), s)
			err := t.start()
			started <- err
			if err != nil {
				return err
			}
			w.loop(t)
			return t.close()
		})
		w.stopErr = errors.Join(err, conn.Close(), db.Close())
	}()
	select {
	case err := <-started:
		return w, err
	case <-ctx.Done():
		return w, ctx.Err()
	}
}

// loop commits what is queued until the queue is closed.
func (w *writer) loop(t *tx) {
	tick := time.NewTicker(indexEvery)
	defer tick.Stop()
	batch := make([]*op, 0, batchOps)
	for {
		select {
		case first, ok := <-w.queue:
			if !ok {
				return
			}
			batch = w.drain(append(batch[:0], first))
			w.commit(t, batch)
		case <-tick.C:
			w.index(t)
			w.giveBack(t)
		}
	}
}

// drain takes what is waiting, up to the bound of one transaction.
func (w *writer) drain(batch []*op) []*op {
	for len(batch) < batchOps {
		select {
		case next, ok := <-w.queue:
			if !ok {
				return batch
			}
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// commit saves a batch and answers its callers. The common case pays for no
// savepoint; when an operation fails half-way the whole batch is undone and
// done again with one savepoint an operation, so that the others succeed.
func (w *writer) commit(t *tx, batch []*op) {
	if err := w.failure(); err != nil {
		answer(batch, nil, err)
		return
	}
	results, err := together(t, batch)
	if errors.Is(err, errHalfDone) {
		results, err = apart(t, batch)
	}
	if err != nil {
		w.fail(err)
	}
	w.writes.Add(int64(len(batch)))
	w.commits.Add(1)
	answer(batch, results, err)
}

// Writes is how much the store has written since its start.
type Writes struct {
	Waiting      int   // writes in the queue
	Writes       int64 // done, refused ones too
	Transactions int64 // that they were done in
}

// Writes tells how busy the writer is.
func (s *Store) Writes() Writes {
	w := s.writer
	return Writes{Waiting: len(w.queue), Writes: w.writes.Load(), Transactions: w.commits.Load()}
}

// errHalfDone says that an operation failed after it had written.
var errHalfDone = errors.New("an operation failed half-way")

// together runs a batch in one transaction without savepoints.
func together(t *tx, batch []*op) ([]error, error) {
	if err := t.begin(); err != nil {
		return nil, err
	}
	results := make([]error, len(batch))
	for i, o := range batch {
		results[i] = guard(t, o)
		if results[i] != nil && !refused(results[i]) {
			return nil, errors.Join(errHalfDone, t.rollback())
		}
	}
	return results, t.commit()
}

// apart runs a batch in one transaction with a savepoint an operation.
func apart(t *tx, batch []*op) ([]error, error) {
	if err := t.begin(); err != nil {
		return nil, err
	}
	results := make([]error, len(batch))
	for i, o := range batch {
		if err := t.exec("savepoint op"); err != nil {
			return nil, errors.Join(err, t.rollback())
		}
		results[i] = guard(t, o)
		end := "release op"
		if results[i] != nil {
			end = "rollback to op; release op"
			t.forget()
		}
		if err := t.script(end); err != nil {
			return nil, errors.Join(err, t.rollback())
		}
	}
	return results, t.commit()
}

// guard runs one operation and turns a panic into its error.
func guard(t *tx, o *op) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in a write: %v\n%s", r, debug.Stack())
		}
	}()
	return o.do(t)
}

func refused(err error) bool {
	_, ok := errors.AsType[refusal](err)
	return ok
}

// answer tells every caller of a batch what became of its write.
func answer(batch []*op, results []error, failure error) {
	for i, o := range batch {
		err := failure
		if err == nil && results != nil {
			err = results[i]
		}
		if r, ok := errors.AsType[refusal](err); ok {
			err = r.err
		}
		o.done <- err
		batch[i] = nil
	}
}

// submit queues a write without waiting for room.
func (w *writer) submit(ctx context.Context, do func(*tx) error) error {
	return w.send(ctx, do, false)
}

// insist queues a write and waits for room: it belongs to work that was
// accepted before.
func (w *writer) insist(ctx context.Context, do func(*tx) error) error {
	return w.send(ctx, do, true)
}

func (w *writer) send(ctx context.Context, do func(*tx) error, wait bool) error {
	o := &op{do: do, done: make(chan error, 1)}
	if err := w.enqueue(ctx, o, wait); err != nil {
		return err
	}
	// Once queued the write will happen; a caller that left early would not
	// know whether it did.
	return <-o.done
}

func (w *writer) enqueue(ctx context.Context, o *op, wait bool) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.err != nil {
		return w.err
	}
	if w.closed {
		return errors.New("the store is closed")
	}
	if !wait {
		select {
		case w.queue <- o:
			return nil
		default:
			return jobs.ErrBusy
		}
	}
	select {
	case w.queue <- o:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fail makes a failed commit final.
func (w *writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return
	}
	w.err = fmt.Errorf("the store has failed and takes no more work: %w", err)
	w.store.options.Logger.Error("the store has failed", "error", err)
	close(w.failed)
}

func (w *writer) failure() error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.err
}

// stop lets the queue run empty and ends the goroutine.
func (w *writer) stop() error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
	return w.stopErr
}

// driverConn is what the writer asks of the driver's connection.
type driverConn interface {
	driver.ConnPrepareContext
	driver.ExecerContext
}
