package server

import (
	"context"

	"hooktree/jobs"
)

// Act is one row of the audit: who did what, and why.
type Act struct {
	At     Time           `json:"at"`
	Who    string         `json:"who"`
	Did    string         `json:"did" example:"subscription.disable"`
	What   string         `json:"what" doc:"Id, number or name of what it was done to"`
	Note   string         `json:"note,omitempty"`
	Detail map[string]any `json:"detail,omitempty"`
}

func newAct(a jobs.Audit) Act {
	return Act{At: Time{a.At}, Who: a.Who, Did: a.Did, What: a.What, Note: a.Note, Detail: a.Detail}
}

type auditAsked struct{ Paging }

type auditTold struct {
	Body struct {
		Acts []Act  `json:"acts"`
		Next string `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
	}
}

func (s *Server) listAudit(ctx context.Context, in *auditAsked) (*auditTold, error) {
	found, next, err := s.services.Audit.Audits(ctx, in.page())
	if err != nil {
		return nil, err
	}
	out := &auditTold{}
	out.Body.Acts, out.Body.Next = shown(found, newAct), next
	return out, nil
}
