package event_test

import (
	"errors"
	"fmt"
	"time"

	"hooktree/webhooks/event"
)

// An event is read in one call; what is wrong with it comes back with its
// place and what to do about it.
func ExampleParse() {
	catalogue := event.NewCatalogue()
	received := time.Date(2026, 4, 8, 12, 0, 0, 0, time.UTC)
	for _, action := range []string{"Submitted", "Submission Submitted", "Submited"} {
		body := fmt.Sprintf(`{"event":{"type":"Submission","action":%q},"kapp":{"slug":"services"},"form":{"slug":"laptop-request"}}`, action)
		e, err := event.Parse([]byte(body), catalogue, received)
		if fault, ok := errors.AsType[*event.Fault](err); ok {
			fmt.Println(fault.Code, fault)
			continue
		}
		fmt.Println(e.Path)
	}

	// Output:
	// Submissions > services > laptop-request / Submitted
	// Submissions > services > laptop-request / Submitted
	// unknown_action /event/action: there is no action "Submited" of type Submission; did you mean "Submitted"?
}
