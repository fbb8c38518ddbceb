package event_test

import (
	"encoding/json"
	"testing"

	"hooktree/webhooks/event"
)

// payload is an event of about one kilobyte, in the shape platforms send.
const payload = `{"event":{"type":"Submission","action":"Submitted","id":"9f7c4889-32f3-11f1-85e7-8f53b6e0619f","timestamp":"2026-04-08T02:35:35.925Z"},` +
	`"space":{"slug":"acme","name":"Acme service desk","attributes":{"Task Source Name":["Kinetic Request CE"]}},` +
	`"kapp":{"slug":"services","name":"Services","attributes":{}},` +
	`"form":{"slug":"laptop-request","name":"Laptop request","type":"Service","status":"Active","attributes":{"Custom Submission Workflow":["Submitted"]}},` +
	`"submission":{"id":"6c460f94-32f3-11f1-85e7-8f53b6e0619f","handle":"B5E61F","label":"Laptop for a new colleague","coreState":"Submitted","currentPage":null,"origin":null,"parent":null,` +
	`"createdAt":"2026-04-08T02:30:00.000Z","createdBy":"requester@example.com","submittedAt":"2026-04-08T02:35:35.000Z","submittedBy":"requester@example.com","updatedAt":"2026-04-08T02:35:35.000Z","updatedBy":"requester@example.com"},` +
	`"values":{"Cost":1499,"Quantity":2,"Model":"14 inch","Needed By":"2026-05-01","Items":[{"sku":"L-14","qty":2},{"sku":"D-01","qty":2}],"Reason":"The old one fails under load \"almost daily\""},` +
	`"identity":{"username":"requester@example.com"}}`

func BenchmarkDecode(b *testing.B) {
	body := []byte(payload)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, fault := event.Decode(body); fault != nil {
			b.Fatal(fault)
		}
	}
}

// The floor: the standard library, which checks neither duplicate keys nor
// depth and loses large integers.
func BenchmarkDecode_floor(b *testing.B) {
	body := []byte(payload)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var v any
		if err := json.Unmarshal(body, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	body, c := []byte(payload), event.NewCatalogue()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := event.Parse(body, c, noon); err != nil {
			b.Fatal(err)
		}
	}
}
