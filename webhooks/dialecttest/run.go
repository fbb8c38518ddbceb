package dialecttest

import (
	"fmt"
	"testing"

	"hooktree/webhooks/subscription"
)

// property is something that every dialect must have. It gives a sentence for
// each fault.
type property struct {
	name  string
	check func(*Dialect, *faults)
}

var properties = []property{
	{"the table is whole", wholeTable},
	{"the declaration is sound", soundDeclaration},
	{"the first subscription is one", soundFirst},
	{"every documented request is understood", understands},
	{"what nobody knows is passed over", tolerates},
	{"a request is an operation or refused", neverBoth},
	{"what is no request is refused in form", refusesHostile},
	{"every code has its status and form", rendersRefusals},
	{"every outcome is answered", rendersOutcomes},
	{"what was made reads back", readsBack},
	{"secrets stay secret", keepsSecrets},
	{"offers are in the catalogue", offersExist},
	{"deliveries say what happened", composes},
	{"what tells of nothing is an error or valid", composesOddities},
	{"deliveries come to an end", policyEnds},
	{"batches join what was composed", joins},
}

// Run holds a dialect against the suite.
func Run(t *testing.T, d Dialect) {
	t.Helper()

	for _, p := range properties {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()

			for _, fault := range p.faults(&d) {
				t.Error(fault)
			}
		})
	}
}

// faults are what is wrong with a dialect.
func (p property) faults(d *Dialect) []string {
	var f faults
	p.check(d, &f)
	return f
}

// faults are sentences.
type faults []string

// maxFaults is how many are told of one property: the first few say it.
const maxFaults = 20

func (f *faults) add(format string, args ...any) {
	if len(*f) < maxFaults {
		*f = append(*f, fmt.Sprintf(format, args...))
	}
}

// parse is Parse with a panic told as one.
func (d *Dialect) parse(r subscription.Request) (op subscription.Operation, refusal *subscription.Refusal, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("to parse %s panics: %v", shown(r), p)
		}
	}()
	op, refusal = d.protocol().Parse(d.under(r))
	return op, refusal, nil
}

// render is Render with a panic told as one.
func (d *Dialect) render(r subscription.Request, o subscription.Outcome) (answer subscription.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("to render for %s panics: %v", shown(r), p)
		}
	}()
	return d.protocol().Render(d.under(r), o), nil
}

// shown is a request in a fault, bounded.
func shown(r subscription.Request) string {
	target := r.Path
	if len(r.Query) > 0 {
		target += "?" + r.Query.Encode()
	}
	return fmt.Sprintf("%.20q %.120q %.120q", r.Method, target, r.Body)
}
