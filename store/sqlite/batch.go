package sqlite

import (
	"hooktree/jobs"
)

// saveDelivery saves that a job is a delivery to a subscription, and what took
// it along. A job without a subscription has no such row.
func (t *tx) saveDelivery(id []byte, j *jobs.Job) error {
	if j.Subscription == "" {
		return nil
	}
	sub, err := idBytes(j.Subscription)
	if err != nil {
		return err
	}
	batch, err := idBytes(j.Batch)
	if err != nil {
		return err
	}
	return t.exec(`insert or replace into deliveries (job, subscription, batch) values (?, ?, ?)`, id, sub, batch)
}
