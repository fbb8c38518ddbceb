package keap

import (
	"strings"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// keys are the vendor's event keys, as its real lists spell and order them.
var keys = []string{
	"appointment.add", "appointment.delete", "appointment.edit",
	"company.add", "company.delete", "company.edit",
	"contact.add", "contact.delete", "contact.edit", "contact.redact",
	"contactGroup.add", "contactGroup.applied", "contactGroup.delete", "contactGroup.edit", "contactGroup.removed",
	"invoice.add", "invoice.delete", "invoice.edit",
	"invoice.payment.add", "invoice.payment.delete", "invoice.payment.edit",
	"leadsource.add", "leadsource.delete", "leadsource.edit",
	"note.add", "note.delete", "note.edit",
	"opportunity.add", "opportunity.delete", "opportunity.edit", "opportunity.stage_move",
	"order.add", "order.delete", "order.edit",
	"product.add", "product.delete", "product.edit",
	"subscription.add", "subscription.delete", "subscription.edit",
	"task.add", "task.complete", "task.delete", "task.edit", "task.incomplete",
	"user.activate", "user.add", "user.edit",
}

// resources are where the vendor's API has the objects of a type. Types that
// are not listed have no resource of their own.
var resources = map[string]string{
	"appointment": "appointments", "company": "companies", "contact": "contacts", "contactGroup": "tags", "note": "notes",
	"opportunity": "opportunities", "order": "orders", "product": "products", "subscription": "subscriptions",
	"task": "tasks", "user": "users",
}

// cut parts a key into the type of object and what happened to it:
// `invoice.payment` and `add`.
func cut(key string) (object, action string) {
	at := strings.LastIndexByte(key, '.')
	if at < 0 {
		return key, ""
	}
	return key[:at], key[at+1:]
}

// platform makes the vendor's keys kinds of the catalogue: their trees stand
// at `Keap > contact / add`.
func platform() event.Platform {
	p := event.Platform{Name: Name}
	for _, key := range keys {
		object, action := cut(key)
		k := event.Own(Name, key, event.Path{Group: "Keap > " + object, Name: action}, nil, "id")
		k.Sample = map[string]any{"id": int64(123)}
		p.Kinds = append(p.Kinds, k)
	}
	return p
}

// Offers lists the vendor's event keys.
func (protocol) Offers(*event.Catalogue) []subscription.Offer {
	offers := make([]subscription.Offer, len(keys))
	for i, key := range keys {
		offers[i] = subscription.Offer{Key: key, Title: key, Type: Name, Action: key}
	}
	return offers
}
