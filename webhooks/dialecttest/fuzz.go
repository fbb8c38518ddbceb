package dialecttest

import (
	"net/http"
	"net/url"
	"testing"

	"hooktree/webhooks/subscription"
)

// FuzzParse is the body of a dialect's fuzz target: whatever comes is an
// operation or a refusal in the dialect's form, and the same each time.
func FuzzParse(f *testing.F, d Dialect) {
	f.Helper()

	for _, c := range d.Calls {
		f.Add(c.Request.Method, c.Request.Path, c.Request.Query.Encode(), c.Request.Header.Get("Content-Type"), c.Request.Body)
	}
	for _, body := range hostileBodies[:len(hostileBodies)-1] { // the last is only long
		if len(body) < 1<<10 {
			f.Add(http.MethodPost, d.create().Path, "", d.create().Header.Get("Content-Type"), []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, method, path, query, contentType string, body []byte) {
		values, _ := url.ParseQuery(query) // what could be read of it
		r := subscription.Request{Method: method, Path: path, Query: values, Header: http.Header{}, Body: body, Origin: Origin}
		r.Header.Set("Content-Type", contentType)
		if fault := d.sound(r); fault != "" {
			t.Error(fault)
		}
		op, _, _ := d.parse(r) // sound has told of a panic
		for _, outcome := range d.outcomesOf(op) {
			answer, err := d.render(r, outcome)
			if err == nil {
				err = inForm(answer)
			}
			if err != nil {
				t.Errorf("the answer to %s: %v", shown(r), err)
			}
		}
	})
}

// outcomesOf are outcomes of an operation, none of one that there is not.
func (d *Dialect) outcomesOf(op subscription.Operation) []subscription.Outcome {
	if op == nil {
		return nil
	}
	return d.outcomes(op)
}

// create is a documented request for a new subscription.
func (d *Dialect) create() subscription.Request {
	for _, c := range d.Calls {
		if _, ok := c.Want.(subscription.Create); ok {
			return c.Request
		}
	}
	return subscription.Request{}
}
