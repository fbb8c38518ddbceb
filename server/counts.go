package server

import (
	"context"

	"hooktree/engine"
	"hooktree/jobs"
)

// Counts is the state of the house at a glance.
type Counts struct {
	Jobs        map[jobs.JobStatus]int64   `json:"jobs" doc:"By status"`
	Runs        map[engine.RunStatus]int64 `json:"runs" doc:"By status"`
	OpenErrors  int64                      `json:"openErrors"`
	Work        int64                      `json:"work" doc:"Pieces of work that are not done"`
	Bytes       int64                      `json:"bytes" doc:"Size of the store on disk"`
	SearchLagMS int64                      `json:"searchLagMs" doc:"How late the text search is"`
	Troubles    []string                   `json:"troubles" doc:"What keeps the server from its work"`
	Warnings    []string                   `json:"warnings" doc:"What somebody should look at"`
}

type countsTold struct{ Body Counts }

func (s *Server) showCounts(ctx context.Context, _ *struct{}) (*countsTold, error) {
	c, err := s.services.History.Count(ctx)
	if err != nil {
		return nil, err
	}
	troubles, warnings := s.services.Health.Ready(ctx)
	return &countsTold{Body: Counts{
		Jobs: c.Jobs, Runs: c.Runs, OpenErrors: c.OpenErrors, Work: c.Work, Bytes: c.Bytes,
		SearchLagMS: c.SearchLag.Milliseconds(),
		Troubles:    append([]string{}, troubles...), Warnings: append([]string{}, warnings...),
	}}, nil
}
