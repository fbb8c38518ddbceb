package dialecttest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"hooktree/webhooks/subscription"
)

// receiver is the endpoint of every subscription of a test. The last segment
// of an address says what it answers: /ID/200.
type receiver struct {
	url  string
	came chan arrival
}

// arrival is a delivery that came.
type arrival struct {
	path    string
	message subscription.Message
}

// maxArrivals is more than any test has deliveries.
const maxArrivals = 256

func newReceiver(t *testing.T) *receiver {
	t.Helper()

	r := &receiver{came: make(chan arrival, maxArrivals)}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	r.url = s.URL
	return r
}

// at is the address of an endpoint that answers with a status.
func (r *receiver) at(status int) string { return r.url + "/crm/" + strconv.Itoa(status) }

// ServeHTTP takes a delivery, and confirms what asks for it.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if secret := req.Header.Get(subscription.HeaderSecret); secret != "" {
		w.Header().Set(subscription.HeaderSecret, secret)
		w.WriteHeader(http.StatusOK)
		return
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	header := map[string]string{}
	for name := range req.Header {
		header[name] = req.Header.Get(name)
	}
	select {
	case r.came <- arrival{req.URL.Path, subscription.Message{Header: header, Body: body}}:
	default: // the test has failed by then
	}
	status, err := strconv.Atoi(req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:])
	if err != nil {
		status = http.StatusNotFound
	}
	w.WriteHeader(status)
}
