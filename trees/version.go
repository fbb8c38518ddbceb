package trees

import (
	"context"
	"time"

	"hooktree/engine"
)

// Origin says through which door a version came in.
type Origin string

// The doors.
const (
	OriginFile  Origin = "file"
	OriginUI    Origin = "ui"
	OriginAPI   Origin = "api"
	OriginApply Origin = "apply"
)

// Version is one content of one file of a space, kept for as long as a run is
// pinned to it.
type Version struct {
	Hash     string // a tree's content hash; of another file, that of its bytes
	Name     string // a tree's title in Kinetic's form; another file's path
	File     string // path in the space
	Content  []byte
	Routines []Binding // versions of the routines that it calls
	Author   string    // who made it; empty when it came from a file
	Origin   Origin
	Made     time.Time
}

// Binding is a routine with the version that a caller was compiled against.
type Binding struct {
	Title engine.Title `json:"title"`
	Hash  string       `json:"hash"`
}

// Active says which version of a file is active.
type Active struct {
	Name string // as in Version; unique among the active
	File string
	Hash string // empty: the file is deleted here and still lies on disk
	// Drift is set when the edit could not be written back to the directory:
	// it holds while the file on disk has the hash Base.
	Drift bool
	Base  string // SHA-256 of the file on disk when the edit was made; empty for none
}

// Change is what one publication makes true.
type Change struct {
	Versions []Version // to be kept; those already known by hash and name are left alone
	Active   []Active  // to be set, each replacing that of its name
	Retired  []string  // names that are active no longer
}

// Versions keeps versions and which of them are active. It is safe for
// concurrent use; times and authors are given by the caller.
type Versions interface {
	// Publish makes a change in one transaction.
	Publish(ctx context.Context, change Change) error
	// Version gives a version by its hash; the error of an unknown one has the
	// code not_found.
	Version(ctx context.Context, hash string) (Version, error)
	// Active lists what is active, by name.
	Active(ctx context.Context) ([]Active, error)
	// History lists the versions of a name, latest first, at most limit.
	History(ctx context.Context, name string, limit int) ([]Version, error)
}
