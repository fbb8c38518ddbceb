package source_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"hooktree/webhooks/event"
	"hooktree/webhooks/source"
)

// samples are deliveries as the platforms' documents and clients have them.
const samples = "../../../shared/data/rest-hooks"

func TestDeliveriesOfThePlatforms_becomeEvents(t *testing.T) {
	t.Parallel()

	const form = "application/x-www-form-urlencoded"
	for _, tt := range []struct {
		file, kind, query, typ, header string
		name, entity                   string
		known                          bool // by an id
	}{
		{"accelo/delivery-form-constructed.txt", "accelo", "", form, "assign_task", "assign_task", "1", false},
		{"accelo/delivery-json-constructed.json", "accelo", "", "application/json", "create_task", "create_task", "1", true},
		{"accelo/delivery-delete-json-constructed.json", "accelo", "", "application/json", "delete_invoice", "delete_invoice", "1", true},
		{"actionstep/delivery-jsonapi-action-constructed.json", "actionstep", "ActionUpdated", "", "", "ActionCreated", "3", true},
		{"actionstep/delivery-jsonapi-filenote-constructed.json", "actionstep", "", "", "", "FileNoteCreated", "8834", true},
		{"actionstep/delivery-legacy-shape.json", "actionstep", "ActionCreated", "", "", "ActionCreated", "123", true},
		{"keap/delivery-contact.add-thirdparty.json", "keap", "", "", "", "contact.add", "12345", true},
		{"keap/delivery-contact.edit-thirdparty.json", "keap", "", "", "", "contact.edit", "123", true},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()

			body, err := os.ReadFile(filepath.Join(samples, filepath.FromSlash(tt.file)))
			if err != nil {
				t.Fatalf("the samples are missing: %v; they lie beside the repository in shared/data/rest-hooks", err)
			}
			of := one(t, "s: {kind: "+tt.kind+", open: true}")
			r := sent(string(body))
			r.Header = http.Header{"X-Accelo-Event": {tt.header}, "Content-Type": {tt.typ}}
			r.Query.Set("event", tt.query)
			open := event.NewCatalogue(source.Platforms([]source.Source{of}, nil)...)
			events, err := of.Events(r, open, noon)
			if err != nil || len(events) != 1 {
				t.Fatalf("got %d events, %v", len(events), err)
			}
			e := events[0]
			if e.Action != tt.name || e.Entity != tt.entity || (e.ExternalID != "") != tt.known {
				t.Errorf("got %s of %q with the id %q; want %s of %q, known: %t", e.Action, e.Entity, e.ExternalID, tt.name, tt.entity, tt.known)
			}
			readsAgain(t, e)
		})
	}
}
