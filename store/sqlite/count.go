package sqlite

import (
	"context"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
)

// Count gives the state of the store at a glance. What is complete is the rest
// of a kept total, so that the answer does not grow slow with history.
func (s *Store) Count(ctx context.Context) (jobs.Counts, error) {
	c := jobs.Counts{Jobs: map[jobs.JobStatus]int64{}, Runs: map[engine.RunStatus]int64{}}
	const byStatus = `select 'jobs', status, count(*) from jobs where status <> 'Complete' group by status
		union all select 'runs', status, count(*) from runs where status <> 'Complete' group by status
		union all select name, 'Complete', value from counters where name in ('jobs', 'runs')`
	if err := s.countBy(ctx, byStatus, &c); err != nil {
		return c, err
	}
	const rest = `select (select count(*) from errors where open = 1), (select count(*) from work),
		(select page_count * page_size from pragma_page_count, pragma_page_size)`
	if err := s.readers.QueryRowContext(ctx, rest).Scan(&c.OpenErrors, &c.Work, &c.Bytes); err != nil {
		return c, err
	}
	if oldest := s.writer.lag.oldest.Load(); oldest != 0 {
		c.SearchLag = max(0, s.options.Now().Sub(moment(oldest)).Truncate(time.Millisecond))
	}
	return c, nil
}

// countBy reads counts by table and status; the totals come last and give up
// what has another status.
func (s *Store) countBy(ctx context.Context, text string, c *jobs.Counts) error {
	rows, err := s.readers.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	var others struct{ jobs, runs int64 }
	for rows.Next() {
		var table, status string
		var n int64
		if err := rows.Scan(&table, &status, &n); err != nil {
			return err
		}
		switch {
		case table == "jobs" && status == string(jobs.JobComplete):
			put(c.Jobs, jobs.JobComplete, n-others.jobs)
		case table == "runs" && status == string(engine.RunComplete):
			put(c.Runs, engine.RunComplete, n-others.runs)
		case table == "jobs":
			c.Jobs[jobs.JobStatus(status)] = n
			others.jobs += n
		default:
			c.Runs[engine.RunStatus(status)] = n
			others.runs += n
		}
	}
	return rows.Err()
}

// put keeps a count that is not zero.
func put[S comparable](counts map[S]int64, status S, n int64) {
	if n != 0 {
		counts[status] = n
	}
}
