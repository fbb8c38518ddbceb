package accelo

import (
	"strings"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// occasion is one of the vendor's events.
type occasion struct {
	id     string
	table  string // trigger_table
	change string // trigger_type: "create" or "update", for deletions too
	plural string // of the resource, in its URL
	title  string
}

// occasions are in the order of the vendor's documents. Tables, types and
// titles are theirs for the first five; of the others they are inferred. They
// say that a type is create or update although two events are deletions.
var occasions = []occasion{
	{"assign_task", "task", "update", "tasks", "Task assigned"},
	{"unassign_task", "task", "update", "tasks", "Task unassigned"},
	{"create_quote", "quote", "create", "quotes", "Quote created"},
	{"create_request", "request", "create", "requests", "Request created"},
	{"update_request_status", "request", "update", "requests", "Request status changed"},
	{"create_task", "task", "create", "tasks", "Task created"},
	{"create_invoice", "invoice", "create", "invoices", "Invoice created"},
	{"update_invoice", "invoice", "update", "invoices", "Invoice updated"},
	{"delete_invoice", "invoice", "update", "invoices", "Invoice deleted"},
	{"create_invoice_pdf", "invoice", "create", "invoices", "Invoice PDF created"},
	{"create_purchase_pdf", "purchase", "create", "purchases", "Purchase PDF created"},
	{"create_issue", "issue", "create", "issues", "Issue created"},
	{"update_issue", "issue", "update", "issues", "Issue updated"},
	{"create_company", "company", "create", "companies", "Company created"},
	{"update_company", "company", "update", "companies", "Company updated"},
	{"create_contact", "contact", "create", "contacts", "Contact created"},
	{"update_contact", "contact", "update", "contacts", "Contact updated"},
	{"create_sale", "prospect", "create", "prospects", "Sale created"},
	{"update_sale", "prospect", "update", "prospects", "Sale updated"},
	{"delete_activity", "activity", "update", "activities", "Activity deleted"},
}

// occasionOf finds an event; the zero one for none.
func occasionOf(id string) occasion {
	for _, o := range occasions {
		if o.id == id {
			return o
		}
	}
	return occasion{}
}

// deletes reports whether the object is gone after the event: its deliveries
// have no resource_url.
func (o occasion) deletes() bool { return strings.HasPrefix(o.id, "delete_") }

// platform makes the vendor's events kinds of the catalogue: their trees stand
// at `Accelo > task / assign_task`.
func platform() event.Platform {
	p := event.Platform{Name: Name}
	for _, o := range occasions {
		k := event.Own(Name, o.id, event.Path{Group: "Accelo > " + o.table, Name: o.id}, nil, "id")
		k.Note = o.title
		k.Sample = map[string]any{"id": int64(1)}
		p.Kinds = append(p.Kinds, k)
	}
	return p
}

// Offers lists the vendor's events.
func (protocol) Offers(*event.Catalogue) []subscription.Offer {
	offers := make([]subscription.Offer, len(occasions))
	for i, o := range occasions {
		offers[i] = subscription.Offer{Key: o.id, Title: o.title, Type: Name, Action: o.id}
	}
	return offers
}
