package keap

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"hooktree/webhooks/event"
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
func (protocol) Render(r subscription.Request, o subscription.Outcome) subscription.Response {
	if o.Refusal != nil {
		return refusal(r, o.Refusal)
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
		return refusal(r, refuse(subscription.Failed, "", "there is no answer to this call"))
	}
	return answer(http.StatusOK, newRestHook(&o.Subscriptions[0]))
}

func refusal(r subscription.Request, why *subscription.Refusal) subscription.Response {
	status, ok := statuses[why.Code]
	if !ok {
		status = http.StatusBadRequest
	}
	message := sentence(why)
	response := answer(status, failure{Message: message, Localized: message, Stack: []string{}, Suppressed: []string{}})
	if calls, _ := route(r.Path); why.Code == subscription.NoMethod && calls != nil {
		response.Header.Set("Allow", strings.Join(methodsOf(calls), ", "))
	}
	if why.RetryAfter > 0 {
		response.Header.Set("Retry-After", strconv.Itoa(int((why.RetryAfter+time.Second-1)/time.Second)))
	}
	return response
}

// sentence is the message, with what helps where it does not say so.
func sentence(why *subscription.Refusal) string {
	switch {
	case len(why.Near) > 0 && !strings.Contains(why.Message, why.Near[0]):
		return why.Message + "; did you mean " + strings.Join(why.Near, " or ") + "?"
	case len(why.Near) == 0 && why.Code == subscription.NoEvent:
		return why.Message + "; a hook has one key of those at /crm/rest/v1/hooks/event_keys"
	}
	return why.Message
}

func answer(status int, body any) subscription.Response {
	text, err := event.Encode(body)
	if err != nil { // texts always marshal
		status, text = http.StatusInternalServerError, []byte(`{"message":"the answer could not be written"}`)
	}
	return subscription.Response{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: text}
}
