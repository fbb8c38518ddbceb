package memory

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks/subscription"
)

var (
	_ jobs.Ledger   = (*Store)(nil)
	_ jobs.History  = (*Store)(nil)
	_ jobs.AuditLog = (*Store)(nil)
)

// Store is a store in memory. Create it with [New]; it is safe for concurrent
// use. Values that go in and come out are shared, and nobody may change them.
type Store struct {
	mu sync.RWMutex // guards all below

	number int64 // last run number given out
	seq    int64 // rank of the last row of any kind
	bytes  int64 // rough size of what is kept

	events shelf[eventRow]
	jobs   shelf[jobRow]
	runs   shelf[runRow]

	errors  []*errorRow // by ID, which rises
	errorID int64
	open    map[fault]*errorRow // the open errors of runs
	audits  []auditRow

	work   queue
	dedupe map[credential]*eventRow // events by external id
	keys   map[key]*runRow          // runs by their tree's dedupe key
	lanes  map[key][]*runRow        // runs that are not final

	subscriptions []subscription.Subscription // in the order in which they were made
	numbers       map[string]int64            // the last that each dialect's were given
}

// New returns an empty store.
func New() *Store {
	return &Store{
		events: newShelf[eventRow](),
		jobs:   newShelf[jobRow](),
		runs:   newShelf[runRow](),
		open:   map[fault]*errorRow{},
		work:   newQueue(),
		dedupe: map[credential]*eventRow{},
		keys:   map[key]*runRow{},
		lanes:  map[key][]*runRow{},

		numbers: map[string]int64{},
	}
}

type eventRow struct {
	record jobs.EventRecord // without Jobs
	digest [32]byte         // of the body; zero without an external id
	jobs   []*jobRow
	desk   []*errorRow // errors of its verdicts and runs
	runs   []*runRow
	haystack
}

type jobRow struct {
	job     jobs.Job
	event   *eventRow
	leader  *jobRow   // the one that it goes along with; nil for none
	members []*jobRow // those that go along with it
	haystack
}

type runRow struct {
	run   jobs.Run
	event *eventRow
	tasks map[engine.TaskKey]engine.Task
	held  map[string]jobs.Work
}

type errorRow struct {
	record jobs.ErrorRecord
	event  *eventRow
}

type auditRow struct {
	seq   int64
	audit jobs.Audit
}

// credential is the scope in which an external id tells events apart.
type credential struct{ who, id string }

// key is a dedupe key or a lane of a tree.
type key struct {
	title engine.Title
	text  string
}

// fault is the place in a run where an error stands.
type fault struct {
	run       string
	node      engine.NodeID
	place     engine.Place
	connector string
}

// rough is what a row of any kind counts for in the size of the store.
const rough = 512

// ReserveNumber implements [jobs.Ledger].
func (s *Store) ReserveNumber() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number++
	return s.number
}

// next gives the rank of a new row.
func (s *Store) next() int64 {
	s.seq++
	return s.seq
}

func (s *Store) auditLocked(a *jobs.Audit) {
	if a != nil {
		s.audits = append(s.audits, auditRow{s.next(), *a})
	}
}

// verdictErrorsLocked puts the verdicts that somebody should look at on the
// desk, from a place of the event's list on.
func (s *Store) verdictErrorsLocked(e *eventRow, from int, at time.Time) {
	for i := from; i < len(e.record.Verdicts); i++ {
		v := e.record.Verdicts[i]
		fault, stands := jobs.VerdictFault(v, i, at)
		if !stands {
			continue
		}
		s.addErrorLocked(e, jobs.ErrorRecord{
			EventID: e.record.Event.ID, Webhook: v.Webhook, Fault: fault, Open: true, Created: at, Updated: at,
		})
	}
}

func (s *Store) addErrorLocked(e *eventRow, r jobs.ErrorRecord) *errorRow {
	s.errorID++
	r.ID = s.errorID
	row := &errorRow{record: r, event: e}
	s.errors = append(s.errors, row)
	e.desk = append(e.desk, row)
	return row
}

func (s *Store) errorLocked(id int64) (*errorRow, error) {
	for _, row := range slices.Backward(s.errors) {
		if row.record.ID == id {
			return row, nil
		}
	}
	return nil, fmt.Errorf("error %d: %w", id, jobs.ErrNotFound)
}
