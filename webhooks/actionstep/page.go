package actionstep

import (
	"fmt"
	"net/url"
	"strconv"

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

// list reads which page is asked for.
func list(_ []string, r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	page, refusal := number(r.Query, "page", 1, maxPage)
	if refusal != nil {
		return nil, refusal
	}
	if r.Query.Get("pageSize") == allRows {
		return subscription.List{}, nil
	}
	size, refusal := number(r.Query, "pageSize", defaultPageSize, maxPage)
	if refusal != nil {
		return nil, refusal
	}
	size = min(size, maxPageSize)
	return subscription.List{Offset: (page - 1) * size, Limit: size}, nil
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
		return 0, refuse(subscription.Invalid, name, "%s is a whole number from 1 to %d", name, most)
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

// pagingOf counts the pages of a list that has at least one row.
func pagingOf(r subscription.Request, op subscription.List, total int) paging {
	size := op.Limit
	if size == 0 {
		size = max(1, total)
	}
	p := paging{RecordCount: total, PageCount: (total + size - 1) / size, Page: op.Offset/size + 1, PageSize: size}
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
	text := fmt.Sprintf("%s%s/%s?page=%d", r.Origin, r.Prefix, resource, page)
	if size := r.Query.Get("pageSize"); size != "" {
		text += "&pageSize=" + url.QueryEscape(size)
	}
	return &text
}
