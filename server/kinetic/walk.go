package kinetic

// page is one page of the history, which is listed newest first by cursor.
type page[R any] func(cursor string, limit int) (rows []R, next string, err error)

// found is what a walk gives.
type found[R any] struct {
	rows  []R
	count int // of all rows that match, as far as the window reaches
	more  bool
}

// walk pages through the history, which knows cursors and no offsets, and
// collects the part that is wanted of the rows that match.
func walk[R any](p paging, list page[R], match func(*R) bool) (found[R], error) {
	if p.ascending {
		return ascend(p, list, match)
	}
	var out found[R]
	seen := 0
	for cursor := ""; seen < window; {
		rows, next, err := list(cursor, maxLimit)
		if err != nil {
			return out, err
		}
		seen += len(rows)
		for i := range rows {
			if !match(&rows[i]) {
				continue
			}
			if out.count >= p.offset && len(out.rows) < p.limit {
				out.rows = append(out.rows, rows[i])
			}
			out.count++
		}
		out.more = out.count > p.offset+len(out.rows)
		if cursor = next; cursor == "" || !p.count && out.more {
			break
		}
	}
	return out, nil
}

// ascend collects what matches and turns it round. It refuses a list whose
// begin lies outside the window, rather than to begin in its middle.
func ascend[R any](p paging, list page[R], match func(*R) bool) (found[R], error) {
	var all []R
	for cursor, seen := "", 0; ; {
		rows, next, err := list(cursor, maxLimit)
		if err != nil {
			return found[R]{}, err
		}
		for i := range rows {
			if match(&rows[i]) {
				all = append(all, rows[i])
			}
		}
		seen += len(rows)
		if cursor = next; cursor == "" {
			break
		}
		if seen >= window {
			return found[R]{}, invalid("there are more than %d to be turned round; narrow the list by start and end, or list them newest first", window)
		}
	}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	part, more := cut(p, all)
	return found[R]{rows: part, count: len(all), more: more}, nil
}
