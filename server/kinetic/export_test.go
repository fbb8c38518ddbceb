package kinetic

import "hooktree/engine"

// What the fuzz targets and the tests of single functions reach for.
var (
	Retitled = retitled
	TitleOf  = titleOf
	Upload   = upload
	SlugOf   = slug
)

// FormPayload reads a form as run-tree does.
func FormPayload(body []byte) (text []byte, data map[string]any, err error) {
	p, err := formPayload(body)
	return p.body, p.data, err
}

// TextPayload reads text as POST /runs does.
func TextPayload(body []byte) (text []byte, data map[string]any) {
	p := textPayload(body)
	return p.body, p.data
}

// Walked pages through numbers that are listed newest first, size at a time,
// as lists page through the history.
func Walked(total, size, limit, offset int, ascending, count bool) (rows []int, found int, more bool, err error) {
	list := func(cursor string, _ int) ([]int, string, error) {
		from := total - len(cursor)
		to := max(from-size, 0)
		var page []int
		for n := from; n > to; n-- {
			page = append(page, n)
		}
		if to == 0 {
			return page, "", nil
		}
		return page, string(make([]byte, total-to)), nil
	}
	f, err := walk(paging{limit: limit, offset: offset, ascending: ascending, count: count}, list, func(n *int) bool { return *n%2 == 0 })
	return f.rows, f.count, f.more, err
}

// GUIDOf is a tree's GUID and id.
func GUIDOf(t engine.Title) (guid string, id int64) { return guidOf(t), treeID(t) }
