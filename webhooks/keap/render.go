package keap

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hooktree/webhooks/subscription"
)

// restHook is a subscription as the vendor shows it.
type restHook struct {
	Key    string `json:"key"`
	Event  string `json:"eventKey"`
	URL    string `json:"hookUrl"`
	Status string `json:"status"`
}

// statusWords are the vendor's.
var statusWords = map[subscription.Status]string{
	subscription.Pending: "Unverified", subscription.Active: "Verified", subscription.Disabled: "Inactive",
}

func newRestHook(s *subscription.Subscription) restHook {
	return restHook{Key: s.External, Event: s.Event, URL: s.URL, Status: statusWords[s.Status]}
}

// failure is the vendor's error, which has the members of a Java exception.
type failure struct {
	Message    string   `json:"message"`
	Localized  string   `json:"localizedMessage"`
	Stack      []string `json:"stackTrace"`
	Suppressed []string `json:"suppressed"`
}

// statuses are those of refusals. The vendor documents 401, 403, 404 and 500;
// that what a client sent wrongly is 400 is what its clients handle.
var statuses = map[subscription.Code]int{
	subscription.NotSignedIn: http.StatusUnauthorized, subscription.Foreign: http.StatusForbidden,
	subscription.NotFound: http.StatusNotFound, subscription.NoRoute: http.StatusNotFound,
	subscription.NoMethod: http.StatusMethodNotAllowed, subscription.Unsupported: http.StatusUnsupportedMediaType,
	subscription.TooLarge: http.StatusRequestEntityTooLarge, subscription.TooMany: http.StatusForbidden,
	subscription.Busy: http.StatusTooManyRequests, subscription.NoRoom: http.StatusInsufficientStorage,
	subscription.Failed: http.StatusInternalServerError,
}

// Render answers a request.
func (protocol) Render(_ subscription.Request, o subscription.Outcome) subscription.Response {
	if o.Refusal != nil {
		return refusal(o.Refusal)
	}
	switch o.Operation.(type) {
	case subscription.Delete:
		return subscription.Response{Status: http.StatusNoContent, Header: http.Header{}}
	case subscription.Types:
		names := make([]string, len(o.Offers))
		for i, offer := range o.Offers {
			names[i] = offer.Key
		}
		return answer(http.StatusOK, names)
	case subscription.List:
		hooks := make([]restHook, len(o.Subscriptions))
		for i := range o.Subscriptions {
			hooks[i] = newRestHook(&o.Subscriptions[i])
		}
		return answer(http.StatusOK, hooks)
	}
	if len(o.Subscriptions) == 0 {
		return refusal(refuse(subscription.Failed, "", "there is no answer to this call"))
	}
	return answer(http.StatusOK, newRestHook(&o.Subscriptions[0]))
}

func refusal(r *subscription.Refusal) subscription.Response {
	status, ok := statuses[r.Code]
	if !ok {
		status = http.StatusBadRequest
	}
	message := r.Message
	if len(r.Near) > 0 && !strings.Contains(message, r.Near[0]) {
		message += "; did you mean " + strings.Join(r.Near, " or ") + "?"
	}
	response := answer(status, failure{Message: message, Localized: message, Stack: []string{}, Suppressed: []string{}})
	if r.RetryAfter > 0 {
		response.Header.Set("Retry-After", strconv.Itoa(int((r.RetryAfter+time.Second-1)/time.Second)))
	}
	return response
}

func answer(status int, body any) subscription.Response {
	text, err := json.Marshal(body)
	if err != nil { // texts always marshal
		status, text = http.StatusInternalServerError, []byte(`{"message":"the answer could not be written"}`)
	}
	return subscription.Response{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: text}
}
