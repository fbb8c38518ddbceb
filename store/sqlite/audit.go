package sqlite

import (
	"context"

	"hooktree/jobs"
)

// addAudit writes one row of the audit in the transaction of the act.
func (t *tx) addAudit(a *jobs.Audit) error {
	if a == nil {
		return nil
	}
	var detail any
	if a.Detail != nil {
		detail = a.Detail
	}
	data, err := asJSON(detail)
	if err != nil {
		return err
	}
	return t.exec(`insert into audit (at, who, did, what, note, detail) values (?, ?, ?, ?, ?, ?)`, a.At, a.Who, a.Did, a.What, a.Note, data)
}

// Audits lists the audit, newest first.
func (s *Store) Audits(ctx context.Context, p jobs.Page) ([]jobs.Audit, string, error) {
	before, err := numberCursor(p.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(p.Limit)
	q := newQuery(`select id, at, who, did, what, note, detail from audit`)
	q.andIf(before != 0, "id < ?", before)
	q.order("id desc", limit+1)
	rows, err := s.readers.QueryContext(ctx, q.text(), q.args...)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	var list []jobs.Audit
	var ids []int64
	for rows.Next() {
		audit, id, err := scanAudit(rows)
		if err != nil {
			return nil, "", err
		}
		list, ids = append(list, audit), append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, "", err
	}
	list, more := cut(list, limit)
	if !more {
		return list, "", nil
	}
	return list, cursorOfNumber(ids[len(list)-1]), nil
}

func scanAudit(row scanner) (jobs.Audit, int64, error) {
	var a jobs.Audit
	var id, at int64
	var detail []byte
	if err := row.Scan(&id, &at, &a.Who, &a.Did, &a.What, &a.Note, &detail); err != nil {
		return a, 0, err
	}
	a.At = moment(at)
	v, err := decodeAny(detail)
	a.Detail, _ = v.(map[string]any)
	return a, id, err
}
