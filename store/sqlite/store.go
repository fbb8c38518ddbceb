package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// minVersion is the first SQLite whose WAL reset cannot lose pages.
const minVersion = "3.51.3"

// Options say how a store is opened. The zero value is a good default.
type Options struct {
	Queue   int              // most writes that wait; 0 is 4096
	MinFree int64            // bytes of disk below which nothing more is accepted; 0 is 256 MB
	Now     func() time.Time // nil is time.Now
	Logger  *slog.Logger     // nil discards
}

func (o Options) withDefaults() Options {
	if o.Queue == 0 {
		o.Queue = 4096
	}
	if o.MinFree == 0 {
		o.MinFree = 256 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Store is one SQLite file. Its methods are safe for concurrent use.
type Store struct {
	path    string
	options Options
	readers *sql.DB
	hosts   *sql.Stmt // firstOfHosts, of readers: asked for after every commit, and long to prepare
	queues  *sql.Stmt // firstOfQueues, likewise
	writer  *writer
	number  atomic.Int64 // last run number given out
	room    room
	packer  packer
}

// Open opens the file at path, makes it when there is none, and brings its
// schema up to date. A file of a newer schema is refused.
func Open(ctx context.Context, path string, options Options) (*Store, error) {
	options = options.withDefaults()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	packer, err := newPacker()
	if err != nil {
		return nil, err
	}
	readers, err := openReaders(ctx, path)
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, options: options, readers: readers, room: room{path: path, least: options.MinFree}, packer: packer}
	if err := s.start(ctx); err != nil {
		_ = readers.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return s, nil
}

// openReaders makes the pool of reading connections.
func openReaders(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, "query_only(1)", "cache_size(-4000)"))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	readers := max(2, min(4, runtime.NumCPU()))
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	var version string
	if err := db.QueryRowContext(ctx, "select sqlite_version()").Scan(&version); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if older(version, minVersion) {
		_ = db.Close()
		return nil, fmt.Errorf("SQLite %s can lose pages when its log restarts; %s or later is needed", version, minVersion)
	}
	return db, nil
}

// start migrates the file and starts the writer.
func (s *Store) start(ctx context.Context) error {
	db, err := sql.Open("sqlite", dsn(s.path, "cache_size(-16000)", "auto_vacuum(2)", "journal_mode(wal)", "synchronous(full)",
		"foreign_keys(1)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)", "temp_store(2)"))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		_ = db.Close()
		return err
	}
	if err := migrate(ctx, conn); err != nil {
		_ = conn.Close()
		_ = db.Close()
		return err
	}
	s.writer, err = startWriter(ctx, db, conn, s)
	if err != nil {
		return err
	}
	if err := s.prepare(ctx); err != nil {
		return errors.Join(err, s.writer.stop())
	}
	return nil
}

// prepare prepares the statements of Due. They end with the readers.
func (s *Store) prepare(ctx context.Context) (err error) {
	if s.hosts, err = s.readers.PrepareContext(ctx, firstOfHosts); err != nil {
		return err
	}
	s.queues, err = s.readers.PrepareContext(ctx, firstOfQueues)
	return err
}

// dsn builds the driver's address of a file with its pragmas.
func dsn(path string, pragmas ...string) string {
	values := url.Values{"_pragma": append([]string{"busy_timeout(5000)"}, pragmas...), "_txlock": {"immediate"}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + values.Encode()
}

// Failed is closed when a commit failed: nothing more is saved and the process
// has to be started again. Err then says why.
func (s *Store) Failed() <-chan struct{} { return s.writer.failed }

// Err gives the failure behind Failed.
func (s *Store) Err() error { return s.writer.failure() }

// Close finishes the writes that were accepted, empties the log into the file
// and closes it.
func (s *Store) Close() error {
	err := s.writer.stop()
	if e := s.readers.Close(); err == nil {
		err = e
	}
	return err
}

// older reports whether version a comes before b, both dotted numbers.
func older(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return x < y
		}
	}
	return len(as) < len(bs)
}
