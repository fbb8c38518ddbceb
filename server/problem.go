package server

import (
	"encoding/json"
	"maps"
	"net/http"
)

// Problem is an error as the native API shows it (RFC 9457).
type Problem struct {
	Title  string   `json:"title" doc:"The status in words"`
	Status int      `json:"status"`
	Code   string   `json:"code" doc:"Stable, for programs" example:"unknown_type"`
	Detail string   `json:"detail" doc:"For people: what is wrong and what to do"`
	Errors []Detail `json:"errors,omitempty" doc:"Each single fault with its place"`

	header http.Header
}

// Detail is one fault with its place.
type Detail struct {
	Code        string   `json:"code,omitempty"`
	Location    string   `json:"location" doc:"body, query or path, then a JSON Pointer or a name" example:"body/event/type"`
	Message     string   `json:"message"`
	Hint        string   `json:"hint,omitempty" doc:"What to do about it"`
	Suggestions []string `json:"suggestions,omitempty" doc:"The nearest known names, best first"`
	File        string   `json:"file,omitempty"`
	Line        int      `json:"line,omitempty"`
	Column      int      `json:"column,omitempty"`
	Length      int      `json:"length,omitempty" doc:"Characters that are meant"`
	Severity    string   `json:"severity,omitempty" enum:"fault,warning"`
	Text        string   `json:"text,omitempty" doc:"The source line"`
}

// Error is the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is what huma answers with.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders are sent along.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType is that of a problem.
func (*Problem) ContentType(string) string { return "application/problem+json" }

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

func (p *Problem) with(header, value string) *Problem {
	if p.header == nil {
		p.header = http.Header{}
	}
	p.header.Set(header, value)
	return p
}

func (r Refusal) problem() *Problem {
	p := newProblem(r.Status, r.Code, r.Message)
	if r.RetryAfter > 0 {
		p = p.with("Retry-After", seconds(r.RetryAfter))
	}
	return p
}

// response renders the problem.
func (p *Problem) response() Response {
	body, err := json.Marshal(p)
	if err != nil { // strings and numbers always marshal
		body = []byte(`{"status":500,"code":"internal"}`)
	}
	header := http.Header{"Content-Type": {"application/problem+json"}}
	maps.Copy(header, p.header)
	return Response{Status: p.Status, Header: header, Body: body}
}

// Response is the refusal in the native API's form.
func (r Refusal) Response() Response { return r.problem().response() }

// problemResponse refuses in the native API's form.
func problemResponse(r Refusal) Response { return r.Response() }
