package dialecttest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// understands looks at what Parse makes of the documented requests.
func understands(d *Dialect, f *faults) {
	for _, c := range d.Calls {
		d.understood(c.Name, c.Request, c.Want, f)
	}
}

func (d *Dialect) understood(name string, r subscription.Request, want subscription.Operation, f *faults) {
	op, refusal, err := d.parse(r)
	switch {
	case err != nil:
		f.add("%s: %v", name, err)
	case refusal != nil:
		f.add("%s: %s is refused as %s: %s", name, shown(r), refusal.Code, refusal.Message)
	default:
		if diff := cmp.Diff(want, op); diff != "" {
			f.add("%s: %s is read as (-want +got):\n%s", name, shown(r), diff)
		}
	}
}

// tolerates adds to each documented request what no vendor knows: clients send
// more than is read, and vendors add members.
func tolerates(d *Dialect, f *faults) {
	for _, c := range d.Calls {
		r := c.Request
		r.Query = url.Values{"x_unknown": {"1"}}
		maps.Copy(r.Query, c.Request.Query)
		setHeader(&r, "X-Unknown", "1")
		r.Body = enriched(r)
		d.understood(c.Name+", with what nobody knows", r, c.Want, f)
	}
}

// enriched adds an unknown member to a form, and to every object of a JSON body.
func enriched(r subscription.Request) []byte {
	if len(r.Body) == 0 {
		return r.Body
	}
	value, fault := event.Decode(r.Body)
	switch {
	case fault == nil:
		enrich(value)
		text, err := json.Marshal(value)
		if err != nil {
			panic("dialecttest: " + err.Error()) // it was JSON
		}
		return text
	case strings.Contains(r.Header.Get("Content-Type"), "form"):
		return append(slices.Clone(r.Body), "&x_unknown=1"...)
	}
	return r.Body
}

func enrich(value any) {
	switch v := value.(type) {
	case map[string]any:
		for _, inner := range v {
			enrich(inner)
		}
		v["x_unknown"] = map[string]any{"a": []any{int64(1), nil, "x"}}
	case []any:
		for _, inner := range v {
			enrich(inner)
		}
	}
}

// neverBoth plays all requests of the table and those of strangers, and wants
// of each an operation or a refusal that people can read.
func neverBoth(d *Dialect, f *faults) {
	for r := range d.strangers() {
		if fault := d.sound(r); fault != "" {
			f.add("%s", fault)
		}
	}
}

// maxEcho is how large the answer to a refused request may be: what strangers
// send is not sent back to them.
const maxEcho = 8 << 10

// sound says what is wrong with how one request is treated; nothing if it is
// read or refused in form.
func (d *Dialect) sound(r subscription.Request) string {
	op, refusal, err := d.parse(r)
	switch {
	case err != nil:
		return err.Error()
	case (op == nil) == (refusal == nil):
		return shown(r) + " is both read and refused, or neither"
	case refusal == nil:
		return ""
	case !slices.Contains(Codes, refusal.Code):
		return shown(r) + " is refused with the code " + string(refusal.Code) + ", which is none"
	case strings.TrimSpace(refusal.Message) == "":
		return shown(r) + " is refused without a word"
	}
	answer, err := d.render(r, subscription.Outcome{Refusal: refusal})
	if err == nil {
		err = d.refuses(answer)
	}
	if err != nil {
		return "the refusal of " + shown(r) + ": " + err.Error()
	}
	if len(answer.Body) > maxEcho {
		return "the refusal of " + shown(r) + " is longer than a sentence: it repeats what was sent"
	}
	return ""
}

// refusesHostile wants refusals of what nobody could mean.
func refusesHostile(d *Dialect, f *faults) {
	for _, c := range d.Refused {
		op, refusal, err := d.parse(c.Request)
		switch {
		case err != nil:
			f.add("%s: %v", c.Name, err)
		case refusal == nil:
			f.add("%s: %s is read as %#v", c.Name, shown(c.Request), op)
		case refusal.Code != c.Code || refusal.Field != c.Field || !strings.Contains(refusal.Message, c.Says):
			f.add("%s: it is refused as %s of %q: %q; want %s of %q with %q", c.Name, refusal.Code, refusal.Field, refusal.Message, c.Code, c.Field, c.Says)
		}
	}
	for _, c := range d.Calls {
		d.refusesBrokenBody(c, f)
		d.refusesWay(c, f)
	}
}

// refusesBrokenBody sends what is no body in place of a new subscription's.
func (d *Dialect) refusesBrokenBody(c Call, f *faults) {
	if _, creates := c.Want.(subscription.Create); !creates || len(c.Request.Body) == 0 {
		return
	}
	for _, body := range hostileBodies {
		r := c.Request
		r.Body = []byte(body)
		d.refused(c.Name, r, f)
	}
	for _, kind := range hostileTypes {
		r := c.Request
		setHeader(&r, "Content-Type", kind)
		d.refused(c.Name+" as "+kind, r, f, subscription.Unsupported)
	}
}

// refusesWay sends a documented request by a method that is none, and to a
// place that is none.
func (d *Dialect) refusesWay(c Call, f *faults) {
	for _, method := range []string{"BREW", "", "get", http.MethodTrace} {
		r := c.Request
		r.Method = method
		d.refused(c.Name+" by another method", r, f, subscription.NoMethod)
	}
	r := c.Request
	r.Path += "/no/such/place/anywhere"
	d.refused(c.Name+" in another place", r, f, subscription.NoRoute)
}

// refused wants a request to be refused, with one of the codes if any is given.
func (d *Dialect) refused(name string, r subscription.Request, f *faults, want ...subscription.Code) {
	op, refusal, err := d.parse(r)
	switch {
	case err != nil:
		f.add("%s: %v", name, err)
	case refusal == nil:
		f.add("%s: %s is read as %.200v", name, shown(r), op)
	case len(want) > 0 && !slices.Contains(want, refusal.Code):
		f.add("%s: %s is refused as %s (%s); want %v", name, shown(r), refusal.Code, refusal.Message, want)
	}
}
