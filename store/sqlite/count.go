package sqlite

import (
	"context"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
)

// Count gives the state of the store at a glance. What is finished is counted
// by difference, so that the answer does not grow slow with history.
func (s *Store) Count(ctx context.Context) (jobs.Counts, error) {
	c := jobs.Counts{Jobs: map[jobs.JobStatus]int64{}, Runs: map[engine.RunStatus]int64{}}
	if err := s.countBy(ctx, `select status, count(*) from jobs where status <> 'Complete' group by status`,
		func(status string, n int64) { c.Jobs[jobs.JobStatus(status)] = n }); err != nil {
		return c, err
	}
	if err := s.countBy(ctx, `select status, count(*) from runs where status not in ('Complete', 'Cancelled') group by status`,
		func(status string, n int64) { c.Runs[engine.RunStatus(status)] = n }); err != nil {
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

func (s *Store) countBy(ctx context.Context, text string, f func(string, int64)) error {
	rows, err := s.readers.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var n int64
		if err := rows.Scan(&key, &n); err != nil {
			return err
		}
		f(key, n)
	}
	return rows.Err()
}
