package accelo

import (
	"net/http"
	"strings"

	"hooktree/webhooks/subscription"
)

// status is one of the vendor's words for how a call went.
type status struct {
	word string
	http int
	text string // where the refusal has no message of its own
}

var (
	statusOK      = status{"ok", http.StatusOK, "Everything executed as expected."}
	statusCreated = status{"ok_created", http.StatusCreated, "A resource was successfully created."}
	invalid       = status{"invalid_request", http.StatusBadRequest, ""}
)

// statuses are those of refusals. The vendor has no word for a resource, a
// method or a content type that is not there: all are invalid requests.
var statuses = map[subscription.Code]status{
	subscription.Exists:      {"duplicate", http.StatusBadRequest, ""},
	subscription.NotSignedIn: {"invalid_client", http.StatusUnauthorized, ""},
	subscription.Foreign:     {"invalid_permission", http.StatusForbidden, ""},
	subscription.TooMany:     {"invalid_permission", http.StatusForbidden, ""},
	subscription.Busy:        {"too_many_requests", http.StatusTooManyRequests, ""},
	subscription.NoRoom:      {"server_error", http.StatusInternalServerError, ""},
	subscription.Failed:      {"server_error", http.StatusInternalServerError, ""},
}

// moreInfo is where the vendor explains a status. Of a limit it does so
// elsewhere, in an address without a scheme.
func (s status) moreInfo() string {
	if s.http == http.StatusTooManyRequests {
		return "api.accelo.com/docs/#rate-limiting"
	}
	return "https://affinitylive.jira.com/wiki/display/APIS/Status+Codes#" + s.word
}

func statusOf(o subscription.Outcome) status {
	if o.Refusal != nil {
		s, ok := statuses[o.Refusal.Code]
		if !ok {
			s = invalid
		}
		s.text = o.Refusal.Message
		if near := o.Refusal.Near; len(near) > 0 && !strings.Contains(s.text, near[0]) {
			s.text += "; did you mean " + strings.Join(near, " or ") + "?"
		}
		return s
	}
	if _, created := o.Operation.(subscription.Create); created {
		return statusCreated
	}
	return statusOK
}
