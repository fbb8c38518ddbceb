package server

import (
	"github.com/gofiber/fiber/v2"

	"hooktree/jobs"
)

// Registered lists what fiber answers, as "METHOD path".
func (s *Server) Registered() []string {
	var list []string
	for _, r := range s.app.GetRoutes(true) {
		list = append(list, r.Method+" "+r.Path)
	}
	return list
}

// AddBehindTheTable registers a route as no code may.
func (s *Server) AddBehindTheTable(method, path string) {
	s.app.Add(method, path, func(*fiber.Ctx) error { return nil })
}

// AppendReceipts is the answer as the intake writes it.
func AppendReceipts(receipts []jobs.Receipt) []byte { return appendReceipts(nil, receipts) }

// ShowReceipts is the same as its shape says.
func ShowReceipts(receipts []jobs.Receipt) Receipts {
	return Receipts{Events: shown(receipts, func(r jobs.Receipt) Receipt {
		return Receipt{ID: r.EventID, Path: r.Path, Duplicate: r.Duplicate, Jobs: newJobRefs(r.Jobs), Verdicts: newVerdicts(r.Verdicts)}
	})}
}
