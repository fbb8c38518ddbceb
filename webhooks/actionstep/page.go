package actionstep

import (
	"maps"
	"net/url"
	"strconv"
	"strings"

	"hooktree/webhooks/subscription"
)

// The bounds of a page. A longer one is cut to the longest, and the answer says
// so in pageSize.
const (
	defaultPageSize = 50
	maxPageSize     = 200
	allRows         = "All"
	maxPage         = 1_000_000
)

// readPage reads which page is asked for. There is one page of all rows, whose
// size is zero: where all is asked for, and where rows are named and no size is.
func readPage(query url.Values, named bool) (page, size int, refusal *subscription.Refusal) {
	page, refusal = number(query, "page", 1, maxPage)
	text := query.Get("pageSize")
	if refusal != nil {
		return 0, 0, refusal
	}
	if text == allRows || text == "" && named {
		return 1, 0, nil
	}
	if size, refusal = number(query, "pageSize", defaultPageSize, maxPage); refusal != nil {
		refusal.Message += ", or " + allRows
	}
	return page, min(size, maxPageSize), refusal
}

// number reads a whole number above zero; a parameter that is not there is
// otherwise.
func number(query url.Values, name string, otherwise, most int) (int, *subscription.Refusal) {
	text := query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, refuseQuery(subscription.Invalid, name, "%s is a whole number from 1 to %d", name, most)
	}
	return n, nil
}

// paging is what an answer says of a page.
type paging struct {
	RecordCount int     `json:"recordCount"`
	PageCount   int     `json:"pageCount"`
	Page        int     `json:"page"`
	PageSize    int     `json:"pageSize"`
	PrevPage    *string `json:"prevPage"` // a URL; null where there is none
	NextPage    *string `json:"nextPage"`
}

// paging counts the pages of a list that has at least one row.
func (v *view) paging(r subscription.Request, total int) paging {
	size := v.size
	if size == 0 {
		size = max(1, total)
	}
	p := paging{RecordCount: total, PageCount: (total + size - 1) / size, Page: v.page, PageSize: size}
	if p.Page > 1 {
		p.PrevPage = link(r, p.Page-1)
	}
	if p.Page < p.PageCount {
		p.NextPage = link(r, p.Page+1)
	}
	return p
}

// link is the URL of another page of the same list.
func link(r subscription.Request, page int) *string {
	query := maps.Clone(r.Query)
	if query == nil {
		query = url.Values{}
	}
	query.Set("page", strconv.Itoa(page))
	text := r.Origin + r.Prefix + strings.TrimSuffix(r.Path, "/") + "?" + query.Encode()
	return &text
}
