package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	_ "modernc.org/sqlite" // the driver
)

// floorCommand makes this program serve a floor instead of measuring:
// bench floor ADDRESS SHAPE.
const floorCommand = "floor"

// shape is what the store floor writes for one event: for each table, how many
// rows of how many bytes. It is read from what hooktree itself has written.
// An empty shape writes nothing: bare fiber.
type shape struct {
	Dir  string   `json:"dir,omitempty"`
	Rows []rowsOf `json:"rows,omitempty"`
}

// rowsOf are the rows that one event leaves in one table.
type rowsOf struct {
	Table string  `json:"table"`
	Count float64 `json:"count"` // per event
	Bytes int     `json:"bytes"` // of one row
}

// serveFloor answers POST /event with 202 after it has stored what the shape
// says, as plainly as it can be done: one goroutine writes, and commits what
// has gathered meanwhile, with the same pragmas as hooktree's.
func serveFloor(ctx context.Context, addr, described string) error {
	var s shape
	if err := json.Unmarshal([]byte(described), &s); err != nil {
		return fmt.Errorf("shape: %w", err)
	}
	writes := make(chan chan error, 4096)
	if len(s.Rows) > 0 {
		db, err := openFloor(ctx, s)
		if err != nil {
			return err
		}
		defer func() { _ = db.Close() }() // what it holds is thrown away
		go s.write(db, writes)
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/ready", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusOK) })
	app.Post("/event", func(c *fiber.Ctx) error {
		if len(s.Rows) > 0 {
			done := make(chan error, 1)
			writes <- done
			if err := <-done; err != nil {
				return err
			}
		}
		return c.Status(fiber.StatusAccepted).JSON(fiber.Map{"accepted": len(c.Body())})
	})
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() {
		<-ctx.Done()
		_ = app.Shutdown()
	}()
	return app.Listen(addr)
}

// openFloor makes a table a kind of row, with hooktree's own pragmas.
func openFloor(ctx context.Context, s shape) (*sql.DB, error) {
	pragmas := []string{"journal_mode(wal)", "synchronous(full)", "wal_autocheckpoint(4000)", "cache_size(-16000)", "temp_store(2)"}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.Dir, "floor.db")+"?_pragma="+strings.Join(pragmas, "&_pragma="))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	for _, rows := range s.Rows {
		if _, err := db.ExecContext(ctx, `create table "`+rows.Table+`" (id integer primary key, data blob not null) strict`); err != nil {
			return nil, fmt.Errorf("make the floor's tables: %w", err)
		}
	}
	return db, nil
}

// write commits what is queued, up to 256 events at a time.
func (s shape) write(db *sql.DB, writes <-chan chan error) {
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		refuse(writes, err)
		return
	}
	statements := make([]*sql.Stmt, len(s.Rows))
	blobs := make([][]byte, len(s.Rows))
	for i, rows := range s.Rows {
		insert := `insert into "` + rows.Table + `" (data) values (?)` //nolint:gosec // the tables are those of writtenShape
		//nolint:sqlclosecheck // they live as long as the connection, which is the process's
		if statements[i], err = conn.PrepareContext(ctx, insert); err != nil {
			refuse(writes, err)
			return
		}
		blobs[i] = []byte(strings.Repeat("x", rows.Bytes))
	}
	owed := make([]float64, len(s.Rows)) // rows of a fraction of the events
	batch := make([]chan error, 0, 256)
	for first := range writes {
		batch = append(batch[:0], first)
		for more := true; more && len(batch) < cap(batch); {
			select {
			case next := <-writes:
				batch = append(batch, next)
			default:
				more = false
			}
		}
		err := commit(ctx, conn, func() error {
			for range batch {
				if err := insert(ctx, s.Rows, statements, blobs, owed); err != nil {
					return err
				}
			}
			return nil
		})
		for _, done := range batch {
			done <- err
		}
	}
}

// insert writes the rows of one event.
func insert(ctx context.Context, rows []rowsOf, statements []*sql.Stmt, blobs [][]byte, owed []float64) error {
	for i := range rows {
		for owed[i] += rows[i].Count; owed[i] >= 1; owed[i]-- {
			if _, err := statements[i].ExecContext(ctx, blobs[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// commit runs f in one transaction.
func commit(ctx context.Context, conn *sql.Conn, f func() error) error {
	if _, err := conn.ExecContext(ctx, "begin immediate"); err != nil {
		return err
	}
	if err := f(); err != nil {
		_, _ = conn.ExecContext(ctx, "rollback")
		return err
	}
	_, err := conn.ExecContext(ctx, "commit")
	return err
}

func refuse(writes <-chan chan error, err error) {
	for done := range writes {
		done <- err
	}
}

// startFloor starts this program as a floor.
func startFloor(ctx context.Context, s shape) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	described, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	return startProcess(ctx, "/ready", nil, func(addr string) []string {
		return []string{self, floorCommand, addr, string(described)}
	})
}

// writtenShape reads how many rows of which size each event has left in
// hooktree's file.
func writtenShape(ctx context.Context, file, dir string, events int) (shape, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return shape{}, err
	}
	defer func() { _ = db.Close() }() // only read from
	s := shape{Dir: dir}
	for _, table := range []string{"events", "jobs", "runs", "tasks", "work"} {
		columns, err := columnsOf(ctx, db, table)
		if err != nil {
			return shape{}, err
		}
		rows := rowsOf{Table: table}
		var count, bytes float64
		//nolint:gosec // the table is named above, and its columns by SQLite
		query := fmt.Sprintf("select count(*), coalesce(avg(coalesce(length(cast(%s as blob)), 0)), 0) from %s",
			strings.Join(columns, " as blob)), 0) + coalesce(length(cast("), table)
		if err := db.QueryRowContext(ctx, query).Scan(&count, &bytes); err != nil {
			return shape{}, fmt.Errorf("read the size of %s: %w", table, err)
		}
		rows.Count, rows.Bytes = count/float64(events), int(bytes)
		if rows.Count > 0 {
			s.Rows = append(s.Rows, rows)
		}
	}
	return s, nil
}

func columnsOf(ctx context.Context, db *sql.DB, table string) ([]string, error) {
	rows, err := db.QueryContext(ctx, `select name from pragma_table_info(?)`, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, `"`+name+`"`)
	}
	return names, rows.Err()
}

// milliseconds is a duration as the results tell it.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
