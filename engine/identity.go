package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
)

// CommandID matches a report to its command: run, node, place and attempt.
type CommandID string

// errand tells the commands of one attempt apart.
type errand string

// The errands. A call carries no suffix, so that its ID is the documented one.
const (
	errandCall   errand = ""
	errandRetry  errand = "retry"  // the timer before the next attempt
	errandWait   errand = "wait"   // the timer of wait:
	errandExpiry errand = "expiry" // the timer of a deferral's time-out
)

func (r *Run) command(e *Execution, what errand) CommandID {
	id := r.Key(e.Node, e.Place) + "/" + strconv.Itoa(e.Attempt)
	if what != errandCall {
		id += "/" + string(what)
	}
	return CommandID(id)
}

// Key is the idempotency key of a node in a place of the run: the same over
// every attempt, restart and operator's retry.
func (r *Run) Key(node NodeID, place Place) string {
	return r.ID + "/" + string(node) + "/" + string(place)
}

func (r *Run) continueID(step int64) CommandID {
	return CommandID(r.ID + "/+" + strconv.FormatInt(step, 10))
}

// sign is a CommandID taken apart.
type sign struct {
	key     TaskKey
	attempt int
	errand  errand
}

// read takes an ID of this run apart; false is an ID of something else.
func (r *Run) read(id CommandID) (sign, bool) {
	rest, ok := strings.CutPrefix(string(id), r.ID+"/")
	if !ok {
		return sign{}, false
	}
	node, rest, ok := strings.Cut(rest, "/")
	if !ok {
		return sign{}, false
	}
	s := sign{key: TaskKey{Node: NodeID(node)}}
	place, last := cutLast(rest)
	switch errand(last) {
	case errandRetry, errandWait, errandExpiry:
		s.errand = errand(last)
		place, last = cutLast(place)
	case errandCall:
		return sign{}, false
	}
	attempt, err := strconv.Atoi(last)
	if err != nil {
		return sign{}, false
	}
	s.key.Place, s.attempt = Place(place), attempt
	return s, true
}

func cutLast(text string) (before, last string) {
	at := strings.LastIndexByte(text, '/')
	if at < 0 {
		return "", text
	}
	return text[:at], text[at+1:]
}

// Token is what completes or updates the deferral of a node in a place of the
// run. It derives from the run's seed: whoever does not know the seed cannot
// guess it, and every attempt has the same one.
func (r *Run) Token(key TaskKey) string {
	mac := hmac.New(sha256.New, r.Seed[:])
	mac.Write([]byte(key.String()))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// TaskKey names one execution of a node in its run.
type TaskKey struct {
	Node  NodeID
	Place Place
}

// String writes the key as "node/place", as [Part] holds it.
func (k TaskKey) String() string { return string(k.Node) + "/" + string(k.Place) }

// ParseTaskKey reads what String wrote.
func ParseTaskKey(text string) (TaskKey, bool) {
	node, place, ok := strings.Cut(text, "/")
	if !ok || node == "" {
		return TaskKey{}, false
	}
	if _, err := ParsePlace(place); err != nil {
		return TaskKey{}, false
	}
	return TaskKey{Node: NodeID(node), Place: Place(place)}, true
}
