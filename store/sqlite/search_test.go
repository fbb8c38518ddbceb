package sqlite_test

import (
	"path/filepath"
	"testing"

	"hooktree/jobs"
)

// A filter that few of very many matches meet gives short pages, and never ends
// before the last one.
func TestJobs_searchGoesOnBehindAPageThatItCut(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := openAt(t, filepath.Join(t.TempDir(), "hooktree.db"))
	var batch []jobs.Acceptance
	for range 4500 {
		batch = append(batch, acceptance(s.Store))
	}
	batch[0].Firings[0].Job.Status = jobs.JobFailed
	if _, err := s.Accept(ctx, batch); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	f := jobs.JobFilter{Text: "laptop", Status: []jobs.JobStatus{jobs.JobFailed}}
	first, next, err := s.Jobs(ctx, f)
	if err != nil || len(first) != 0 || next == "" {
		t.Fatalf("the first page has %d jobs and the cursor %q, %v; want none yet, and a cursor", len(first), next, err)
	}
	f.Cursor = next
	second, end, err := s.Jobs(ctx, f)
	if err != nil || end != "" || len(second) != 1 || second[0].ID != batch[0].Firings[0].Job.ID {
		t.Errorf("the second page has %d jobs and the cursor %q, %v; want the one that failed, and no cursor", len(second), end, err)
	}

	all := 0
	for cursor := "-"; cursor != ""; {
		runs, next, err := s.Runs(ctx, jobs.RunFilter{Text: "laptop", Page: jobs.Page{Limit: 1000, Cursor: trimStart(cursor)}})
		if err != nil {
			t.Fatal(err)
		}
		all += len(runs)
		cursor = next
	}
	if all != len(batch) {
		t.Errorf("pages of runs hold %d; want all %d, each once", all, len(batch))
	}
}

// trimStart makes the first page's cursor of the mark that begins a loop.
func trimStart(cursor string) string {
	if cursor == "-" {
		return ""
	}
	return cursor
}
