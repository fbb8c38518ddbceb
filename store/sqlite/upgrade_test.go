package sqlite_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/jobs"
	"hooktree/store/sqlite"
	"hooktree/webhooks/subscription"
)

// oldFile makes a file as the release before subscriptions left it, with one
// job whose delivery is still to be made.
func oldFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hooktree.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // the statements have told
	run := func(statement string, args ...any) {
		t.Helper()
		if _, err := db.Exec(statement, args...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	run(`create table migrations (number integer primary key, name text not null, sha256 text not null) strict`)
	for i, name := range []string{"0001_history.sql", "0002_space.sql"} {
		text, err := os.ReadFile(filepath.Join("migrations", name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		run(string(text))
		run(`insert into migrations (number, name, sha256) values (?, ?, ?)`, i+1, name, hex.EncodeToString(sum[:]))
	}
	run(`insert into kinds values (1, 'kinetic', 'Submission', 'Submitted', 'services', 'laptop', 0, 'the path')`)
	run(`insert into rules values (1, 1, 'notify desk', 'hash', null)`)
	run(`insert into events values (1, unhex('00000000000070008000000000000001'), 1, '', '', 'submission-1', 1, 1, '', 0, 0,
		x'7b7d', cast('{"verdicts":[{"webhook":"notify desk","outcome":"fired","reason":""}]}' as blob), unhex('00000000000070008000000000000002'))`)
	run(`insert into events values (2, unhex('00000000000070008000000000000003'), 1, '', 'source:desk', 'submission-2', 1, 1, '', 0, 0,
		x'7b7d', cast('{"verdicts":[{"webhook":"a","outcome":"filtered","reason":""},{"webhook":"b","outcome":"filtered","reason":""}]}' as blob), x'')`)
	run(`insert into jobs values (unhex('00000000000070008000000000000002'), 1, 1, 'submission-1', 'Queued', '', 'https://desk.example.com',
		0, null, 0, 5, 1, 1, 0, null)`)
	run(`insert into work values ('00000000-0000-7000-8000-000000000002', 'delivery', '', '00000000-0000-7000-8000-000000000002', 5, 'desk.example.com', null)`)
	run(`update counters set value = 1 where name = 'jobs'`)
	run(`update counters set value = 2 where name = 'event'`)
	return path
}

func TestOpen_bringsAnOldFileUpToDate(t *testing.T) {
	t.Parallel()
	path := oldFile(t)
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	const id = "00000000-0000-7000-8000-000000000002"
	due, _, err := s.Due(t.Context(), jobs.DueQuery{Now: time.UnixMilli(5), Limit: 10})
	want := []jobs.Work{{ID: id, Kind: jobs.WorkDelivery, JobID: id, Due: time.UnixMilli(5).UTC(), Host: "desk.example.com"}}
	if diff := cmp.Diff(want, due); diff != "" || err != nil {
		t.Errorf("Due = %v, differs (-want +got):\n%s", err, diff)
	}
	list, _, err := s.Jobs(t.Context(), jobs.JobFilter{})
	if err != nil || len(list) != 1 || list[0].ID != id || list[0].Subscription != "" || list[0].Webhook != "notify desk" {
		t.Fatalf("the jobs are %+v, %v; want the old one", list, err)
	}
	no := false
	for name, f := range map[string]jobs.EventFilter{
		"nothing fired": {Fired: &no}, "the outcome": {Outcome: "filtered"}, "the source": {Credential: "source:desk"},
	} {
		if found, _, err := s.Events(t.Context(), f); err != nil || len(found) != 1 || found[0].Event.Entity != "submission-2" {
			t.Errorf("the old events by %s are %+v, %v; want the second", name, found, err)
		}
	}
	done := list[0]
	done.Status = jobs.JobComplete
	if err := s.RecordJob(t.Context(), jobs.JobProgress{Job: done, Was: jobs.JobQueued, Drop: []string{id}}); err != nil {
		t.Errorf("RecordJob = %v", err)
	}
	made, err := s.Subscriptions().Create(t.Context(), []subscription.Subscription{{ID: id, Dialect: "keap"}},
		func(int64, string) string { return "1" }, subscription.Audit{})
	if err != nil || len(made) != 1 {
		t.Errorf("Create = %+v, %v", made, err)
	}
	if again, err := sqlite.Open(t.Context(), path, sqlite.Options{}); err != nil {
		t.Errorf("a second Open = %v", err)
	} else if err := again.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
}
