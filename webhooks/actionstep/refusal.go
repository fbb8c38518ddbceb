package actionstep

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"hooktree/webhooks/subscription"
)

// failure is how a kind of refusal is answered. The vendor documents statuses
// (413, 409 and 507 are none of them) and groups of codes: 1100 routing, 1200
// building the answer, 1300 handling the request, 1400 undefined, 1500
// resources. The numbers within a group are ours.
type failure struct {
	status int
	code   string
}

var failures = map[subscription.Code]failure{
	subscription.NoRoute:     {http.StatusNotFound, "AS-1101"},
	subscription.NoMethod:    {http.StatusMethodNotAllowed, "AS-1102"},
	subscription.Malformed:   {http.StatusBadRequest, "AS-1301"},
	subscription.Unsupported: {http.StatusUnsupportedMediaType, "AS-1302"},
	subscription.TooLarge:    {http.StatusBadRequest, "AS-1303"},
	subscription.NotSignedIn: {http.StatusUnauthorized, "AS-1304"},
	subscription.Foreign:     {http.StatusForbidden, "AS-1305"},
	subscription.Busy:        {http.StatusTooManyRequests, "AS-1306"},
	subscription.NoRoom:      {http.StatusServiceUnavailable, "AS-1307"},
	subscription.Failed:      {http.StatusInternalServerError, "AS-1401"},
	subscription.NotFound:    {http.StatusNotFound, "AS-1501"},
	subscription.Missing:     {http.StatusBadRequest, "AS-1502"},
	subscription.Invalid:     {http.StatusBadRequest, "AS-1503"},
	subscription.NoEvent:     {http.StatusBadRequest, "AS-1504"},
	subscription.BadURL:      {http.StatusBadRequest, "AS-1505"},
	subscription.Exists:      {http.StatusBadRequest, "AS-1506"},
	subscription.TooMany:     {http.StatusBadRequest, "AS-1507"},
	subscription.Unconfirmed: {http.StatusBadRequest, "AS-1508"},
}

// problem is an error as the API tells it. Its id is that of the kind of
// error, because nothing is kept of a single one; its meta lists names like one
// that is unknown.
type problem struct {
	ID     string        `json:"id"`
	Status int           `json:"status"`
	Code   string        `json:"code"`
	Title  string        `json:"title"`
	Detail string        `json:"detail"`
	Source problemSource `json:"source"`
	Links  problemLinks  `json:"links"`
	Meta   []string      `json:"meta"`
}

type problemSource struct {
	Pointer   *string `json:"pointer"`   // into the body
	Parameter *string `json:"parameter"` // of the query
}

type problemLinks struct {
	About *string `json:"about"` // we have no page for each error
}

// refusal answers a request that was not done.
func refusal(r subscription.Request, why *subscription.Refusal) subscription.Response {
	f, ok := failures[why.Code]
	if !ok {
		f = failures[subscription.Failed]
	}
	response := answer(f.status, map[string]problem{"errors": {
		ID: string(why.Code), Status: f.status, Code: f.code, Title: http.StatusText(f.status),
		Detail: detail(why), Source: sourceOf(why), Meta: append([]string{}, why.Near...),
	}})
	switch why.Code {
	case subscription.NotSignedIn:
		response.Header.Set("WWW-Authenticate", "Bearer")
	case subscription.NoMethod:
		response = allow(r, response)
	}
	if why.RetryAfter > 0 {
		seconds := max(1, int(why.RetryAfter.Round(time.Second).Seconds()))
		response.Header.Set("Retry-After", strconv.Itoa(seconds))
	}
	return response
}

// allow adds which methods the place of a request takes, if there is one.
func allow(r subscription.Request, response subscription.Response) subscription.Response {
	if _, ways := route(r.Path); ways != nil {
		response.Header.Set("Allow", strings.Join(allowed(ways), ", "))
	}
	return response
}

// detail is the sentence, with the names that are near if there are several,
// and with all events if one is like none.
func detail(why *subscription.Refusal) string {
	switch {
	case why.Code == subscription.NoEvent && len(why.Near) == 0:
		return why.Message + "; there are " + strings.Join(eventNames(), ", ")
	case len(why.Near) < 2:
		return why.Message
	}
	return why.Message + " (the nearest are " + strings.Join(why.Near, ", ") + ")"
}

// spellings are the service's fields in the dialect's words.
var spellings = map[string]string{subscription.FieldEvent: "eventName", subscription.FieldURL: "targetUrl"}

// sourceOf is where the fault stands: in the body or in the query. An id that is
// not there stands in the path.
func sourceOf(why *subscription.Refusal) problemSource {
	field := why.Field
	if why.Code == subscription.NotFound {
		return problemSource{}
	}
	if spelled, ok := spellings[field]; ok {
		field = spelled
	}
	if parameter, ok := strings.CutPrefix(field, inQuery); ok {
		return problemSource{Parameter: &parameter}
	}
	switch field {
	case "":
		return problemSource{}
	case resource:
		pointer := "/" + resource
		return problemSource{Pointer: &pointer}
	}
	pointer := "/" + resource + "/" + field
	return problemSource{Pointer: &pointer}
}
