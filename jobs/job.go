package jobs

import (
	"net/http"
	"time"

	"hooktree/engine"
	"hooktree/webhooks"
)

// JobStatus is where a webhook job stands.
type JobStatus string

// The statuses of a job. The words are Kinetic's. A URL job is Queued until its
// first attempt has ended, or others may not join it any more, and In Progress
// between that and the last attempt.
const (
	JobQueued     JobStatus = "Queued"
	JobInProgress JobStatus = "In Progress"
	JobComplete   JobStatus = "Complete"
	JobFailed     JobStatus = "Failed"
	JobCancelled  JobStatus = "Cancelled"
	// JobHeld is a delivery to a disabled subscription: kept, and sent when
	// somebody replays it.
	JobHeld JobStatus = "Held"
)

// Final reports whether a job of this status moves only when an operator
// retries it.
func (s JobStatus) Final() bool { return s != JobQueued && s != JobInProgress }

// Job is one firing of one webhook. A tree job is Complete when its run is
// committed; a URL job when a delivery was accepted by the other side.
type Job struct {
	ID          string // UUIDv7; the webhook-id of its deliveries
	EventID     string
	EventType   string
	EventAction string
	Path        string // of the event
	Kapp        string
	Form        string
	Entity      string // the submission's id, for a submission's event
	Webhook     string
	WebhookHash string
	Tree        engine.Title // of a tree job; zero for a URL job
	URL         string       // of a URL job, masked
	// Subscription is the ID of the one that a URL job belongs to; empty for a
	// webhook's own URL.
	Subscription string
	// Batch is the ID of the job whose delivery took this one along; empty for
	// a job that is sent itself. That one has the request and the answer.
	Batch       string
	Status      JobStatus
	Summary     string // "Initiated run #7", "200 OK", "404"
	Request     *Request
	Response    *Response
	Attempts    []Attempt // the latest MaxAttempts
	RetryCount  int       // attempts after the first
	Run         int64     // number of the latest run; zero for none
	RunID       string
	ScheduledAt time.Time // when the next attempt is due, or was
	Created     time.Time
	Updated     time.Time
	Ended       time.Time // zero while Queued, In Progress or Held
}

// MaxAttempts is how many attempts a job keeps; the oldest go first.
const MaxAttempts = 20

// Request is what a URL job sends: masked, with seals for the true bytes.
type Request struct {
	Method  string        `json:"method"`
	URL     string        `json:"url"`
	Headers http.Header   `json:"headers,omitempty"`
	Body    []byte        `json:"body,omitempty"`  // nil is the event's payload
	Seals   []engine.Seal `json:"seals,omitempty"` // what is masked, at /url, /headers/NAME and /body
	Auth    webhooks.Auth `json:"auth,omitzero"`
	SHA256  string        `json:"sha256,omitempty"` // hex, of the true body as sent
	Sent    http.Header   `json:"sent,omitempty"`   // all headers of the latest attempt, masked
	// Joined is how many events the body tells of, once that is settled in a
	// queue whose deliveries are joined: from then on the bytes stay the same.
	Joined int `json:"joined,omitempty"`
}

// Response is what the other side answered, its body cut to MaxResponse.
type Response struct {
	Status  int         `json:"status"`
	Headers http.Header `json:"headers,omitempty"`
	Body    []byte      `json:"body,omitempty"`
	Cut     bool        `json:"cut,omitempty"` // the body was longer
}

// MaxExcerpt is how much of a response's body an attempt keeps, in bytes; the
// job keeps more of the latest.
const MaxExcerpt = 1 << 10

// MaxResponse is how much of a response's body a job keeps, in bytes.
const MaxResponse = 32 << 10

// Attempt is one try of a job.
type Attempt struct {
	Number   int           `json:"number"`
	At       time.Time     `json:"at"`
	Took     time.Duration `json:"took"`
	Status   int           `json:"status,omitempty"` // HTTP status; zero when there was no answer
	Error    string        `json:"error,omitempty"`
	Run      int64         `json:"run,omitempty"` // of a tree job
	Response *Response     `json:"response,omitempty"`
}
