package sqlite

import (
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// room watches the free space of the disk. It asks the system at most once a
// second.
type room struct {
	path  string
	least int64

	mu    sync.Mutex
	asked time.Time
	full  bool
}

// short reports whether too little space is left to accept more.
func (r *room) short(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.asked) < time.Second && !r.asked.After(now) {
		return r.full
	}
	r.asked = now
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(r.path), &disk); err != nil {
		r.full = false // an unknown disk is not a full one; the commit will tell
		return false
	}
	r.full = int64(disk.Bavail)*disk.Bsize < r.least
	return r.full
}
