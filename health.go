package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hooktree/store/sqlite"
	"hooktree/trees"
)

// health is what probes and metrics read.
type health struct {
	store *sqlite.Store
	trees *trees.Shelf
	rules *rules

	secrets   secrets
	registrar *registrar
}

// Ready tells what keeps the server from its work, and what somebody should
// look at.
func (h health) Ready(context.Context) (troubles, warnings []string) {
	if err := h.store.Err(); err != nil {
		troubles = append(troubles, err.Error())
	}
	faults := h.trees.Faults()
	for i, f := range faults {
		if i == maxFaultsTold {
			warnings = append(warnings, fmt.Sprintf("and %d faults more; run hooktree check", len(faults)-i))
			break
		}
		warnings = append(warnings, f.Error())
	}
	for _, d := range h.trees.Drift() {
		warnings = append(warnings, drifted(d))
	}
	return troubles, slices.Concat(warnings, *h.rules.broken.Load(), h.unready(), h.unserved(), h.registrar.amiss())
}

// unready tells of the sources that can verify nothing. That several secrets
// are missing is one sentence: a source needs one of them.
func (h health) unready() []string {
	var told []string
	for _, s := range *h.rules.sources.Load() {
		if missing := s.Missing(h.secrets.Secret); missing != nil {
			told = append(told, fmt.Sprintf("the source %s takes no deliveries: %s has no value; set %s%s or put it into the secrets file",
				s.Name, strings.Join(missing, " or "), secretPrefix, missing[0]))
		}
	}
	return told
}

// unserved tells of subscriptions that no event can reach.
func (h health) unserved() []string {
	var told []string
	for i, sub := range h.rules.hooks.Unserved() {
		if i == maxFaultsTold {
			return append(told, "and more subscriptions that nothing reaches")
		}
		told = append(told, fmt.Sprintf("the subscription %s gets nothing: its event %s is not offered any more", sub.Name(), sub.Event))
	}
	return told
}

// drifted says how an edit and the directory differ.
func drifted(a trees.Active) string {
	if a.Hash == "" {
		return fmt.Sprintf("%s is deleted here, and %s could not be removed from the disk", a.Name, a.File)
	}
	return fmt.Sprintf("%s was changed here, and %s on disk could not be written; the change holds until the file is changed", a.Name, a.File)
}

// maxFaultsTold is how many faults of the space a probe is told.
const maxFaultsTold = 20

// Gauges tells what the store's writer has to do.
func (h health) Gauges(context.Context) map[string]float64 {
	w := h.store.Writes()
	return map[string]float64{
		"hooktree_store_writes_waiting":     float64(w.Waiting),
		"hooktree_store_writes_total":       float64(w.Writes),
		"hooktree_store_transactions_total": float64(w.Transactions),
	}
}
