package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/subscription"
)

var subscriptionTests = []test{
	{"a subscription is kept as it was made and saved", subscriptionKept},
	{"numbers count each dialect's and never repeat", subscriptionNumbers},
	{"one like another is refused, and with it all that came along", subscriptionExists},
	{"owners of one id are one whatever their names, and those without an id are told apart by name", subscriptionOwners},
	{"a save of an old revision changes nothing", subscriptionStale},
	{"a save leaves the counters to deliveries", subscriptionCounters},
	{"several are deleted together or not at all", subscriptionDeleted},
	{"each change leaves a row in the audit", subscriptionAudits},
	{"a delivery settles the endpoint with its job", endpointSettled},
	{"a status that a delivery brings is another revision and is audited", endpointDisabled},
	{"a delivery can delete its subscription, and one that is gone is no error", endpointDeleted},
	{"a stale job settles nothing", endpointStale},
	{"subscriptions and their numbers outlive a crash", subscriptionsReopen},
}

// subscriber is a new subscription of somebody.
func (b *bench) subscriber(event string) subscription.Subscription {
	return subscription.Subscription{
		ID: b.id(), Dialect: "keap", Owner: subscription.Owner{ID: 7, Name: "manager", Email: "manager@example.com"},
		Event: event, URL: "https://desk.example.com/hook", Status: subscription.Active, ContentType: "application/json",
		Filter: "true", Secrets: []subscription.Secret{{Value: "newest ü"}, {Value: "older", Expires: b.now.Add(time.Hour)}},
		Challenge: "echo this", Ordered: true, Rate: 0.5, Concurrency: 3, Expires: b.now.Add(time.Hour), Reason: "for tests",
		Health: delivery.Health{Failures: 2, Since: b.now, OpenUntil: b.now.Add(time.Minute)}, Created: b.now, Updated: b.now,
	}
}

// numbered is how a dialect that counts makes its ids.
func numbered(number int64, _ string) string { return fmt.Sprint(number) }

func (b *bench) act(did string) subscription.Audit {
	return subscription.Audit{At: b.now, Who: "manager", Did: did, Note: "for tests"}
}

// subscribe makes subscriptions.
func (b *bench) subscribe(all ...subscription.Subscription) []subscription.Subscription {
	b.t.Helper()
	return need[[]subscription.Subscription](b)(b.store.Subscriptions().Create(b.t.Context(), all, numbered, b.act("subscription.create")))
}

// kept wants the store to hold just these subscriptions, in this order.
func (b *bench) kept(want ...subscription.Subscription) {
	b.t.Helper()
	b.same("the subscriptions", need[[]subscription.Subscription](b)(b.store.Subscriptions().Subscriptions(b.t.Context())), want)
}

func (b *bench) audited() []jobs.Audit {
	b.t.Helper()
	return rows[jobs.Audit](b)(b.store.Audits(b.t.Context(), jobs.Page{}))
}

func subscriptionKept(t *testing.T, b *bench) {
	first, second := b.subscriber("contact.edit"), b.subscriber("contact.add")
	made := b.subscribe(first, second)
	first.External, first.Revision, second.External, second.Revision = "1", 1, "2", 1
	b.same("what was made", made, []subscription.Subscription{first, second})
	b.kept(first, second)

	plain := subscription.Subscription{
		ID: first.ID, Dialect: "keap", External: "1", Owner: first.Owner, Event: "task.add", URL: "http://other.example.com",
		Status: subscription.Disabled, Created: first.Created, Updated: b.tick(time.Second), Revision: 1,
	}
	if err := b.store.Subscriptions().Save(t.Context(), plain, b.act("subscription.change")); err != nil {
		t.Fatalf("Save = %v", err)
	}
	plain.Revision = 2
	b.kept(plain, second)
}

func subscriptionNumbers(t *testing.T, b *bench) {
	other := b.subscriber("a")
	other.Dialect = "accelo"
	made := b.subscribe(b.subscriber("a"), other, b.subscriber("b"))
	b.same("the names", []string{made[0].Name(), made[1].Name(), made[2].Name()}, []string{"keap/1", "accelo/1", "keap/2"})
	if err := b.store.Subscriptions().Delete(t.Context(), []string{made[2].ID, made[0].ID}, b.act("subscription.delete")); err != nil {
		t.Fatalf("Delete = %v", err)
	}
	b.same("the name after all were deleted", b.subscribe(b.subscriber("b"))[0].Name(), "keap/3")
	named := b.subscriber("c")
	made, err := b.store.Subscriptions().Create(t.Context(), []subscription.Subscription{named}, func(n int64, id string) string {
		return fmt.Sprint(n, " of ", id)
	}, b.act("subscription.create"))
	if err != nil || made[0].External != "4 of "+named.ID {
		t.Errorf("the id that is shown is %+v, %v; want one of number 4 and the ID", made, err)
	}
}

func subscriptionExists(t *testing.T, b *bench) {
	made := b.subscribe(b.subscriber("contact.add"), b.subscriber("contact.edit"))
	create := func(all ...subscription.Subscription) error {
		_, err := b.store.Subscriptions().Create(t.Context(), all, numbered, b.act("subscription.create"))
		return err
	}
	moved := made[1]
	moved.Event = "contact.add"
	for what, err := range map[string]error{
		"one like a kept one":     create(b.subscriber("task.add"), b.subscriber("contact.add")),
		"two that are alike":      create(b.subscriber("task.edit"), b.subscriber("task.edit")),
		"a save that makes alike": b.store.Subscriptions().Save(t.Context(), moved, b.act("subscription.change")),
	} {
		if !errors.Is(err, subscription.ErrExists) {
			t.Errorf("%s gave %v; want ErrExists", what, err)
		}
	}
	b.kept(made...)
	b.same("the audit rows", len(b.audited()), 2)
	b.same("the next name", b.subscribe(b.subscriber("task.add"))[0].Name(), "keap/3")
}

func subscriptionOwners(t *testing.T, b *bench) {
	owned := func(id int64, name string) subscription.Subscription {
		s := b.subscriber("contact.add")
		s.Owner = subscription.Owner{ID: id, Name: name}
		return s
	}
	b.subscribe(owned(1, "a"), owned(2, "a"), owned(0, "a"), owned(0, "b"))
	for _, s := range []subscription.Subscription{owned(1, "renamed"), owned(0, "b")} {
		if _, err := b.store.Subscriptions().Create(t.Context(), []subscription.Subscription{s}, numbered, b.act("subscription.create")); !errors.Is(err, subscription.ErrExists) {
			t.Errorf("a second one of owner %+v gave %v; want ErrExists", s.Owner, err)
		}
	}
}

func subscriptionStale(t *testing.T, b *bench) {
	made := b.subscribe(b.subscriber("contact.add"))[0]
	unknown := b.subscriber("task.add")
	old := made
	old.Revision, old.URL = 0, "https://other.example.com"
	if err := b.store.Subscriptions().Save(t.Context(), old, b.act("subscription.change")); !errors.Is(err, subscription.ErrStale) {
		t.Errorf("Save of an old revision = %v; want ErrStale", err)
	}
	if err := b.store.Subscriptions().Save(t.Context(), unknown, b.act("subscription.change")); !errors.Is(err, subscription.ErrNotFound) {
		t.Errorf("Save of an unknown one = %v; want ErrNotFound", err)
	}
	b.kept(made)
	b.same("the audit rows", len(b.audited()), 1)
}

func subscriptionCounters(t *testing.T, b *bench) {
	made := b.subscribe(b.subscriber("contact.add"))[0]
	job := b.subscribed(made.ID, false)
	b.recordJob(jobs.JobProgress{Job: job, Was: jobs.JobQueued, Endpoint: &subscription.Update{ID: made.ID, Fired: 2, At: b.now}})
	saved := made
	saved.Triggered, saved.LastTriggered, saved.URL = 99, b.now.Add(time.Hour), "https://other.example.com"
	if err := b.store.Subscriptions().Save(t.Context(), saved, b.act("subscription.change")); err != nil {
		t.Fatalf("Save = %v", err)
	}
	saved.Triggered, saved.LastTriggered, saved.Revision = 2, b.now, 2
	b.kept(saved)
}

func subscriptionDeleted(t *testing.T, b *bench) {
	made := b.subscribe(b.subscriber("a"), b.subscriber("b"), b.subscriber("c"))
	drop := func(ids ...string) error {
		return b.store.Subscriptions().Delete(t.Context(), ids, b.act("subscription.delete"))
	}
	if err := drop(made[0].ID, b.id()); !errors.Is(err, subscription.ErrNotFound) {
		t.Errorf("Delete with an unknown one = %v; want ErrNotFound", err)
	}
	b.kept(made...)
	if err := drop(made[2].ID, made[0].ID); err != nil {
		t.Errorf("Delete = %v", err)
	}
	b.kept(made[1])
}

func subscriptionAudits(t *testing.T, b *bench) {
	made := b.subscribe(b.subscriber("a"), b.subscriber("b"))
	if err := b.store.Subscriptions().Save(t.Context(), made[0], b.act("subscription.enable")); err != nil {
		t.Fatal(err)
	}
	if err := b.store.Subscriptions().Delete(t.Context(), []string{made[1].ID}, b.act("subscription.delete")); err != nil {
		t.Fatal(err)
	}
	row := func(did, what string) jobs.Audit {
		return jobs.Audit{At: b.now, Who: "manager", Did: did, What: what, Note: "for tests"}
	}
	b.same("the audit", b.audited(), []jobs.Audit{
		row("subscription.delete", "keap/2"), row("subscription.enable", "keap/1"),
		row("subscription.create", "keap/2"), row("subscription.create", "keap/1"),
	})
}

func endpointSettled(_ *testing.T, b *bench) {
	made := b.subscribe(b.subscriber("a"), b.subscriber("b"))
	job := b.subscribed(made[0].ID, false)
	health := delivery.Health{Failures: 1, Since: b.now}
	b.recordJob(jobs.JobProgress{Job: job, Was: jobs.JobQueued, Endpoint: &subscription.Update{ID: made[0].ID, At: b.now, Health: health}})
	made[0].Health = health
	b.kept(made...)
	at := b.tick(time.Second)
	for range 2 {
		b.recordJob(jobs.JobProgress{Job: job, Was: jobs.JobQueued, Endpoint: &subscription.Update{ID: made[0].ID, Fired: 3, At: at, Status: subscription.Active}})
	}
	made[0].Health, made[0].Triggered, made[0].LastTriggered = delivery.Health{}, 6, at
	b.kept(made...)
	b.same("the audit rows", len(b.audited()), 2)
}

func endpointDisabled(_ *testing.T, b *bench) {
	made := b.subscribe(b.subscriber("a"))[0]
	job := b.subscribed(made.ID, false)
	b.recordJob(jobs.JobProgress{Job: job, Was: jobs.JobQueued, Endpoint: &subscription.Update{
		ID: made.ID, At: b.now, Status: subscription.Disabled, Reason: "its endpoint failed",
	}})
	made.Health, made.Status, made.Reason, made.Revision = delivery.Health{}, subscription.Disabled, "its endpoint failed", 2
	b.kept(made)
	b.same("the audit", b.audited()[0], jobs.Audit{
		At: b.now, Who: "hooktree", Did: "subscription.disable", What: "keap/1", Note: "its endpoint failed",
	})
}

func endpointDeleted(_ *testing.T, b *bench) {
	made := b.subscribe(b.subscriber("a"), b.subscriber("b"))
	job := b.subscribed(made[0].ID, false)
	gone := &subscription.Update{ID: made[0].ID, At: b.now, Delete: true, Reason: "it answered 410"}
	for _, u := range []*subscription.Update{gone, gone, {ID: made[0].ID, Fired: 1, At: b.now, Status: subscription.Disabled}} {
		b.recordJob(jobs.JobProgress{Job: job, Was: jobs.JobQueued, Endpoint: u})
	}
	b.kept(made[1])
	b.same("the audit rows", len(b.audited()), 3)
	b.same("the latest", b.audited()[0], jobs.Audit{At: b.now, Who: "hooktree", Did: "subscription.delete", What: "keap/1", Note: "it answered 410"})
}

func endpointStale(t *testing.T, b *bench) {
	made := b.subscribe(b.subscriber("a"))[0]
	job := b.subscribed(made.ID, false)
	err := b.store.RecordJob(t.Context(), jobs.JobProgress{
		Job: job, Was: jobs.JobFailed, Endpoint: &subscription.Update{ID: made.ID, At: b.now, Fired: 1, Delete: true},
	})
	if !errors.Is(err, jobs.ErrStale) {
		t.Errorf("RecordJob = %v; want ErrStale", err)
	}
	b.kept(made)
}

func subscriptionsReopen(t *testing.T, b *bench) {
	made := b.subscribe(b.subscriber("a"), b.subscriber("b"))
	if err := b.store.Subscriptions().Delete(t.Context(), []string{made[1].ID}, b.act("subscription.delete")); err != nil {
		t.Fatal(err)
	}
	b.reopen()
	b.kept(made[0])
	b.same("the next name", b.subscribe(b.subscriber("c"))[0].Name(), "keap/3")
}
