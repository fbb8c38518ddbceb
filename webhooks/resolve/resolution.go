package resolve

import "hooktree/webhooks"

// Resolution is the outcome for one event: a verdict for every candidate (one
// of outcome none when there is no candidate), and the jobs to be made.
type Resolution struct {
	Verdicts []webhooks.Verdict
	Firings  []webhooks.Firing
}
