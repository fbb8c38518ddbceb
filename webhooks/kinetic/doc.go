// Package kinetic is the vendor's dialect of webhooks: it reads their JSON,
// with filters and URL templates in their expression form, into [webhooks.Webhook],
// and writes it again.
//
//	t := kinetic.Translator{Catalogue: catalogue, Secret: secretOf}
//	webhook, err := t.Webhook(definition, "services")
//
// What was written is kept and evaluated as it stands, by the rules of
// JavaScript where the vendor's are not documented: `===` compares without
// conversion, an attribute that is not set is null, and asking null for
// anything is an error and not false. Nothing is dropped: a definition that
// cannot be carried out as written is refused, with the place in its filter or
// URL.
//
// The package does not fetch, store or send anything, and it is not a
// JavaScript engine: it knows the functions, operators and methods that real
// definitions use (the table in method.go), and says so when it meets another.
package kinetic
