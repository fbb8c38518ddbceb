package sqlite

import (
	"context"
	"fmt"

	"hooktree/jobs"
)

// saveDelivery saves that a job is a delivery to a subscription, and what took
// it along. A job without a subscription has no such row.
func (t *tx) saveDelivery(id []byte, j *jobs.Job) error {
	if j.Subscription == "" {
		return nil
	}
	sub, err := idBytes(j.Subscription)
	if err != nil {
		return err
	}
	batch, err := idBytes(j.Batch)
	if err != nil {
		return err
	}
	return t.exec(`insert or replace into deliveries (job, subscription, batch) values (?, ?, ?)`, id, sub, batch)
}

// encodeNotice encodes the first steps of the runs that a notice starts.
func encodeNotice(notice *jobs.Acceptance) ([]step, error) {
	if notice == nil {
		return nil, nil
	}
	firsts, err := encodeFirsts([]jobs.Acceptance{*notice})
	if err != nil {
		return nil, err
	}
	return firsts[0], nil
}

// refuseProgress fails before anything is written when a job to be taken along
// has moved, or the notice's key was used for another body.
func (t *tx) refuseProgress(p *jobs.JobProgress) error {
	for _, id := range p.Take {
		free, err := t.exists(`select 1 from jobs j join deliveries d on d.job = j.id
			where j.id = ? and j.status = 'Queued' and d.batch is null`, sought(id))
		if err != nil {
			return err
		}
		if !free {
			return refusal{fmt.Errorf("job %s cannot be taken along by job %s: %w", id, p.Job.ID, jobs.ErrStale)}
		}
	}
	if p.Notice == nil {
		return nil
	}
	return t.refuseReusedKeys([]jobs.Acceptance{*p.Notice})
}

// recordDelivery saves what a changed job means for its subscription, for the
// jobs that go along with it, and who is told. The job's own row is saved.
func (t *tx) recordDelivery(p *jobs.JobProgress, told []step) error {
	if p.Job.Subscription != "" {
		if err := t.saveBatch(p); err != nil {
			return err
		}
	}
	if err := t.settle(p.Endpoint); err != nil {
		return err
	}
	if p.Notice == nil {
		return nil
	}
	_, err := t.accept(p.Notice, told)
	return err
}

// saveBatch takes jobs along with a delivery, and lets all that went along
// follow it.
func (t *tx) saveBatch(p *jobs.JobProgress) error {
	j := &p.Job
	leader := sought(j.ID)
	if err := t.saveDelivery(leader, j); err != nil {
		return err
	}
	for _, id := range p.Take {
		if err := t.exec(`update deliveries set batch = ? where job = ?`, leader, sought(id)); err != nil {
			return err
		}
	}
	if err := t.dropWork(p.Take); err != nil {
		return err
	}
	const follow = `update jobs set status = ?, summary = ?, scheduled = ?, updated = ?, ended = ?
		where id in (select job from deliveries where batch = ?)`
	n, err := t.execCount(follow, string(j.Status), j.Summary, j.ScheduledAt, j.Updated, j.Ended, leader)
	if err != nil || n == 0 {
		return err
	}
	return t.exec(`insert or ignore into search_stale (event)
		select event from jobs where id in (select job from deliveries where batch = ?)`, leader)
}

// Gather lists jobs that were never tried and whose work is in a queue. It
// reads no more payloads than one delivery has room for.
func (s *Store) Gather(ctx context.Context, queue, but string, limit int) ([]jobs.LoadedJob, error) {
	const waiting = "select " + jobColumns + ", j.detail, v.packed, v.body" +
		" from work w cross join jobs j on j.id = unhex(replace(w.job, '-', ''))" + jobJoins + `
		where w.queue = ? and w.queue <> '' and w.kind = 'delivery' and w.id <> ? and j.status = 'Queued' and d.batch is null
		order by w.id`
	if limit <= 0 {
		return nil, nil
	}
	rows, err := s.readers.QueryContext(ctx, waiting, queue, but)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []jobs.LoadedJob
	for size := 0; len(list) < limit && size <= jobs.MaxJoined && rows.Next(); {
		loaded, err := s.scanLoaded(rows)
		if err != nil {
			return nil, err
		}
		if len(loaded.Job.Attempts) > 0 {
			continue
		}
		size += len(loaded.Payload)
		list = append(list, loaded)
	}
	return list, rows.Err()
}

// scanLoaded reads a job with its event's payload.
func (s *Store) scanLoaded(row scanner) (jobs.LoadedJob, error) {
	var packed bool
	var stored []byte
	job, err := scanJob(row, &packed, &stored)
	if err != nil {
		return jobs.LoadedJob{}, err
	}
	body, data, err := s.payload(stored, packed)
	return jobs.LoadedJob{Job: job, Payload: body, Data: data}, err
}
