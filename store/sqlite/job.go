package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"hooktree/jobs"
)

// jobDetail is what of a job only its own page shows.
type jobDetail struct {
	Request  *jobs.Request  `json:"request,omitempty"`
	Response *jobs.Response `json:"response,omitempty"`
	Attempts []jobs.Attempt `json:"attempts,omitempty"`
}

func encodeDetail(j *jobs.Job) ([]byte, error) {
	if j.Request == nil && j.Response == nil && len(j.Attempts) == 0 {
		return nil, nil
	}
	return json.Marshal(jobDetail{j.Request, j.Response, j.Attempts})
}

func (t *tx) insertJob(seq, ruleID int64, j *jobs.Job) error {
	id, err := idBytes(j.ID)
	if err != nil {
		return err
	}
	runID, err := idBytes(j.RunID)
	if err != nil {
		return err
	}
	detail, err := encodeDetail(j)
	if err != nil {
		return fmt.Errorf("job %s: %w", j.ID, err)
	}
	t.jobs, t.dirty = t.jobs+1, true
	const insert = `insert into jobs
		(id, event, rule, entity, status, summary, url, run, run_id, retries, scheduled, created, updated, ended, detail)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	if err := t.exec(insert, id, seq, ruleID, j.Entity, string(j.Status), j.Summary, j.URL, j.Run, runID, j.RetryCount,
		j.ScheduledAt, j.Created, j.Updated, j.Ended, detail); err != nil {
		return err
	}
	return t.saveDelivery(id, j)
}

// RecordJob saves a job after an attempt, a retry or a cancellation.
func (s *Store) RecordJob(ctx context.Context, p jobs.JobProgress) error {
	first, err := encode(p.Run, p.First)
	if err != nil {
		return fmt.Errorf("job %s: %w", p.Job.ID, err)
	}
	told, err := encodeNotice(p.Notice)
	if err != nil {
		return fmt.Errorf("job %s: %w", p.Job.ID, err)
	}
	return s.writer.insist(ctx, func(t *tx) error {
		if err := t.refuseProgress(&p); err != nil {
			return err
		}
		seq, err := t.updateJob(&p.Job, p.Was)
		if err != nil {
			return err
		}
		if p.Run != nil {
			again := *p.Run
			again.Dedupe = "" // the key stays with the first run
			if _, err := t.insertRun(seq, &again, &first); err != nil {
				return err
			}
		}
		if err := t.dropWork(p.Drop); err != nil {
			return err
		}
		if err := t.addWork(p.Add); err != nil {
			return err
		}
		if err := t.exec(`insert or ignore into search_stale (event) values (?)`, seq); err != nil {
			return err
		}
		if err := t.recordDelivery(&p, told); err != nil {
			return err
		}
		return t.addAudit(p.Audit)
	})
}

// updateJob saves the moving columns of a job that still has its expected status.
func (t *tx) updateJob(j *jobs.Job, was jobs.JobStatus) (seq int64, err error) {
	id, err := idBytes(j.ID)
	if err != nil {
		return 0, refusal{err}
	}
	runID, err := idBytes(j.RunID)
	if err != nil {
		return 0, refusal{err}
	}
	detail, err := encodeDetail(j)
	if err != nil {
		return 0, refusal{fmt.Errorf("job %s: %w", j.ID, err)}
	}
	const update = `update jobs set status = ?, summary = ?, url = ?, run = ?, run_id = ?, retries = ?, scheduled = ?, updated = ?, ended = ?, detail = ?
		where id = ? and status = ? returning event`
	err = t.row(update, []any{
		string(j.Status), j.Summary, j.URL, j.Run, runID, j.RetryCount,
		j.ScheduledAt, j.Updated, j.Ended, detail, id, string(was),
	}, &seq)
	if !errors.Is(err, errNoRow) {
		return seq, err
	}
	err = t.row(`select event from jobs where id = ?`, []any{id}, &seq)
	if errors.Is(err, errNoRow) {
		return 0, refusal{fmt.Errorf("job %s: %w", j.ID, jobs.ErrNotFound)}
	}
	if err != nil {
		return 0, err
	}
	return 0, refusal{fmt.Errorf("job %s: %w", j.ID, jobs.ErrStale)}
}

// The columns of a job as scanJob reads them; the last is the detail or null.
const (
	jobColumns = `j.id, v.id, k.type, k.action, k.path, k.kapp, k.form, j.entity, u.webhook, u.hash,
		coalesce(t.source, ''), coalesce(t.grp, ''), coalesce(t.name, ''),
		j.status, j.summary, j.url, j.run, j.run_id, j.retries, j.scheduled, j.created, j.updated, j.ended, d.subscription, d.batch`
	jobTables = ` from jobs j` + jobJoins
	jobJoins  = jobNames + ` left join deliveries d on d.job = j.id`
	jobNames  = ` join events v on v.seq = j.event join rules u on u.id = j.rule
		join kinds k on k.id = u.kind left join trees t on t.id = u.tree`
	selectJob  = "select " + jobColumns + ", j.detail" + jobTables
	selectJobs = "select " + jobColumns + ", null" + jobTables
	// selectDeliveries lists the jobs of a subscription by the order of its
	// deliveries.
	selectDeliveries = "select " + jobColumns + ", null from deliveries d cross join jobs j on j.id = d.job" + jobNames
)

// scanJob reads a job; more is what a query reads besides.
func scanJob(row scanner, more ...any) (jobs.Job, error) {
	var j jobs.Job
	var id, eventID, runID, subscription, batch, detail []byte
	var scheduled, created, updated, ended int64
	dest := append([]any{
		&id, &eventID, &j.EventType, &j.EventAction, &j.Path, &j.Kapp, &j.Form, &j.Entity, &j.Webhook, &j.WebhookHash,
		&j.Tree.Source, &j.Tree.Group, &j.Tree.Name,
		&j.Status, &j.Summary, &j.URL, &j.Run, &runID, &j.RetryCount, &scheduled, &created, &updated, &ended, &subscription, &batch, &detail,
	}, more...)
	if err := row.Scan(dest...); err != nil {
		return j, err
	}
	j.ID, j.EventID, j.RunID = idText(id), idText(eventID), idText(runID)
	j.Subscription, j.Batch = idText(subscription), idText(batch)
	j.ScheduledAt, j.Created, j.Updated, j.Ended = moment(scheduled), moment(created), moment(updated), moment(ended)
	if detail == nil {
		return j, nil
	}
	var d jobDetail
	if err := json.Unmarshal(detail, &d); err != nil {
		return j, fmt.Errorf("job %s: %w", j.ID, err)
	}
	j.Request, j.Response, j.Attempts = d.Request, d.Response, d.Attempts
	return j, nil
}

// Job gives one job whole.
func (s *Store) Job(ctx context.Context, id string) (jobs.Job, error) {
	key, err := idBytes(id)
	if err != nil {
		return jobs.Job{}, jobs.ErrNotFound
	}
	job, err := scanJob(s.readers.QueryRowContext(ctx, selectJob+" where j.id = ?", key))
	if errors.Is(err, sql.ErrNoRows) {
		return jobs.Job{}, jobs.ErrNotFound
	}
	return job, err
}

// LoadJob gives a job with its request and the event's payload.
func (s *Store) LoadJob(ctx context.Context, jobID string) (jobs.LoadedJob, error) {
	job, err := s.Job(ctx, jobID)
	if err != nil {
		return jobs.LoadedJob{}, err
	}
	record, err := s.Event(ctx, job.EventID)
	if err != nil {
		return jobs.LoadedJob{}, err
	}
	return jobs.LoadedJob{Job: job, Payload: record.Event.Body, Data: record.Event.Data}, nil
}

// Jobs lists jobs, newest first unless the filter turns them round.
func (s *Store) Jobs(ctx context.Context, f jobs.JobFilter) ([]jobs.Job, string, error) {
	before, err := idCursor(f.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(f.Limit)
	list, rest, err := s.findJobs(ctx, &f, before, limit+1)
	if err != nil {
		return nil, "", err
	}
	list, more := cut(list, limit)
	if !more {
		return list, rest, nil
	}
	last, err := idBytes(list[len(list)-1].ID)
	return list, cursorOfID(last), err
}

// findJobs picks the index that serves a filter. Whatever it picks, rows come
// in the filter's order and no more than a page is read from each place.
func (s *Store) findJobs(ctx context.Context, f *jobs.JobFilter, behind []byte, limit int) ([]jobs.Job, string, error) {
	switch {
	case f.EventID != "" || f.Run != 0:
		list, err := s.jobsByID(ctx, f, behind, limit)
		return list, "", err
	case f.Text != "":
		return s.jobsOfFound(ctx, matching(f.Text, f.OldestFirst), f, behind, limit)
	case f.Entity != "":
		return s.jobsOfFound(ctx, about(f.Entity, f.OldestFirst), f, behind, limit)
	case f.Subscription != "":
		q := jobQuery(f, behind)
		ruleWords(q, f)
		list, err := s.selectJobs(ctx, q, limit)
		return list, "", err
	case f.Webhook != "" || f.Type != "" || f.Action != "" || f.Kapp != "" || f.Form != "":
		list, err := s.jobsByRule(ctx, f, behind, limit)
		return list, "", err
	default:
		list, err := s.selectJobs(ctx, jobQuery(f, behind), limit)
		return list, "", err
	}
}

// jobQuery holds the order, and the conditions that stand in the job's own row.
func jobQuery(f *jobs.JobFilter, behind []byte) *query {
	q := newQuery(selectJobs)
	key := "j.id"
	if f.Subscription != "" {
		q, key = newQuery(selectDeliveries), "d.job"
		q.and("d.subscription = ?", sought(f.Subscription))
	}
	if len(f.Status) > 0 {
		q.andIn("j.status", anys(statusTexts(f.Status)))
		q.andIf(!slices.Contains(f.Status, jobs.JobComplete), "j.status <> 'Complete'") // lets the partial index serve
	}
	q.andIf(f.Entity != "", "j.entity = ?", f.Entity)
	q.between("j.created", f.From, f.To)
	// Ids begin with the time at which they were made, so that the key finds
	// the range at once.
	q.andIf(!f.To.IsZero(), key+" < ?", idFloor(f.To.Add(idSlack)))
	q.andIf(!f.From.IsZero(), key+" >= ?", idFloor(f.From.Add(-idSlack)))
	if f.OldestFirst {
		q.andIf(behind != nil, key+" > ?", behind)
		q.by = key
		return q
	}
	q.andIf(behind != nil, key+" < ?", behind)
	q.by = key + " desc"
	return q
}

// ruleWords adds the conditions that stand in a job's rule.
func ruleWords(q *query, f *jobs.JobFilter) {
	q.andIf(f.Webhook != "", "u.webhook = ?", f.Webhook)
	q.andIf(f.Type != "", "k.type = ?", f.Type)
	q.andIf(f.Action != "", "k.action = ?", f.Action)
	q.andIf(f.Kapp != "", "k.kapp = ?", f.Kapp)
	q.andIf(f.Form != "", "k.form = ?", f.Form)
}

func (s *Store) selectJobs(ctx context.Context, q *query, limit int) ([]jobs.Job, error) {
	q.order(q.by, limit)
	rows, err := s.readers.QueryContext(ctx, q.text(), q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []jobs.Job
	for rows.Next() {
		job, err := scanJob(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, job)
	}
	return list, rows.Err()
}

// rulesApart is up to how many rules are asked one by one, each by its index.
// A filter that more rules meet is met by most jobs, and a walk finds them.
const rulesApart = 200

// jobsByRule asks each rule that meets the filter for its first jobs and
// merges the answers.
func (s *Store) jobsByRule(ctx context.Context, f *jobs.JobFilter, behind []byte, limit int) ([]jobs.Job, error) {
	rules, err := s.rulesOf(ctx, f)
	if err != nil || len(rules) == 0 {
		return nil, err
	}
	if len(rules) > rulesApart {
		q := jobQuery(f, behind)
		q.andIn("+j.rule", anys(rules)) // the plus keeps the walk on the key
		return s.selectJobs(ctx, q, limit)
	}
	var parts []jobs.Job
	for _, id := range rules {
		q := jobQuery(f, behind)
		q.and("j.rule = ?", id)
		part, err := s.selectJobs(ctx, q, limit)
		if err != nil {
			return nil, err
		}
		parts = firstJobs(append(parts, part...), f, limit)
	}
	return parts, nil
}

// firstJobs merges lists that are each in the filter's order.
func firstJobs(list []jobs.Job, f *jobs.JobFilter, limit int) []jobs.Job {
	list = newest(list, len(list), func(j *jobs.Job) string { return j.ID })
	if f.OldestFirst {
		slices.Reverse(list)
	}
	return list[:min(limit, len(list))]
}

// rulesOf lists the rules that a filter's words meet, the latest first.
func (s *Store) rulesOf(ctx context.Context, f *jobs.JobFilter) ([]int64, error) {
	q := newQuery(`select u.id from rules u join kinds k on k.id = u.kind`)
	ruleWords(q, f)
	q.order("u.id desc", 30_000) // a statement takes no more parameters
	return s.numbers(ctx, q)
}

// numbers runs a query of one column of integers.
func (s *Store) numbers(ctx context.Context, q *query) ([]int64, error) {
	rows, err := s.readers.QueryContext(ctx, q.text(), q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

// jobsByID lists the jobs of one event or of one run.
func (s *Store) jobsByID(ctx context.Context, f *jobs.JobFilter, behind []byte, limit int) ([]jobs.Job, error) {
	q := jobQuery(f, behind)
	if f.EventID != "" {
		ids, err := s.jobsOfEvent(ctx, f.EventID)
		if err != nil || len(ids.jobs) == 0 {
			return nil, err
		}
		q.andIn("j.id", ids.jobs)
		q.and("v.id = ?", ids.event) // a duplicate's receipt names another event's job
	}
	if f.Run != 0 {
		q.and("j.id = (select job from runs where number = ?)", f.Run)
	}
	ruleWords(q, f)
	return s.selectJobs(ctx, q, limit)
}

// eventKeys are the keys of an event and of the jobs that its receipt names.
type eventKeys struct {
	event []byte
	jobs  []any
}

func (s *Store) jobsOfEvent(ctx context.Context, eventID string) (eventKeys, error) {
	key := sought(eventID)
	var stored []byte
	err := s.readers.QueryRowContext(ctx, `select jobs from events where id = ?`, key).Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		return eventKeys{}, nil
	}
	if err != nil {
		return eventKeys{}, err
	}
	return eventKeys{key, jobKeys(stored)}, nil
}

// jobKeys splits the ids that an event's row holds.
func jobKeys(stored []byte) []any {
	keys := make([]any, 0, len(stored)/16)
	for len(stored) >= 16 {
		keys = append(keys, stored[:16:16])
		stored = stored[16:]
	}
	return keys
}

// joinKeys is what jobKeys splits: the ids of the jobs that a receipt names.
func joinKeys(refs []jobs.JobRef) ([]byte, error) {
	joined := make([]byte, 0, 16*len(refs))
	for i := range refs {
		key, err := idBytes(refs[i].ID)
		if err != nil {
			return nil, err
		}
		joined = append(joined, key...)
	}
	return joined, nil
}

func statusTexts[S ~string](list []S) []string {
	texts := make([]string, len(list))
	for i, s := range list {
		texts[i] = string(s)
	}
	return texts
}
