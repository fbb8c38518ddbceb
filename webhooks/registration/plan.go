package registration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hooktree/webhooks/source"
)

// Plan is a source with all that is needed to register it.
type Plan struct {
	Source string
	Wanted []Wanted

	vendor vendor
}

// Report says what a round found and did.
type Report struct {
	Kept    []Hook // as they should be
	Done    []Step
	Pending []Hook // made or renewed, and not active yet: the platform could not reach us
}

// ErrNotRegistered says that a source is none that hooktree registers.
var ErrNotRegistered = errors.New("the source has no `register:` in space.yaml, or is of a kind that is not registered: actionstep, keap and accelo are")

// Config is what plans are made and carried out with. Every member is required.
type Config struct {
	Secrets source.Secrets
	Client  *http.Client // guarded
	Keeper  Keeper
	Now     func() time.Time
}

// New makes the plan of a source. Secrets are read now, by name.
func New(s *source.Source, c Config) (*Plan, error) {
	of := s.Register
	makeVendor := vendors[s.Kind]
	if of == nil || makeVendor == nil {
		return nil, fmt.Errorf("the source %s: %w", s.Name, ErrNotRegistered)
	}
	k := keyring{of: c.Secrets}
	a := &api{base: strings.TrimSuffix(of.API, "/"), client: c.Client, headers: map[string]string{"User-Agent": "hooktree"}}
	if a.base == "" {
		a.base = bases[s.Kind]
	}
	if s.Kind == source.Actionstep {
		a.headers["Accept"], a.headers["Content-Type"] = "application/vnd.api+json", "application/vnd.api+json"
	}
	switch {
	case of.Key != "":
		a.headers["X-Keap-Api-Key"] = k.value(of.Key)
	case of.Token != "":
		token := k.value(of.Token)
		a.bearer = func(context.Context, string) (string, error) { return token, nil }
	case of.RefreshToken != "":
		r := &refresh{source: s.Name, id: of.Client, secret: k.value(of.ClientSecret), seed: k.value(of.RefreshToken), named: of.RefreshToken, keeper: c.Keeper, now: c.Now}
		r.api = &api{base: tokenCall(s, a.base), client: a.client, headers: map[string]string{"Authorization": basic(r.id, r.secret)}}
		a.bearer = r.bearer
	default:
		a.bearer = clientGrant(a, s, k.value(of.ClientSecret), c.Now)
	}
	if s.Kind == source.Accelo && len(s.Secrets) > 0 {
		a.secret = k.value(s.Secrets[0])
	}
	token := ""
	if len(s.Tokens) > 0 {
		token = k.value(s.Tokens[0])
	}
	if k.err != nil {
		return nil, fmt.Errorf("the source %s: %w", s.Name, k.err)
	}
	a.hidden = k.read
	return &Plan{Source: s.Name, Wanted: wanted(s, token), vendor: makeVendor(a)}, nil
}

func clientGrant(a *api, s *source.Source, secret string, now func() time.Time) bearer {
	g := &grant{now: now, api: &api{
		base: tokenCall(s, a.base), client: a.client, hidden: []string{secret},
		headers: map[string]string{"Authorization": basic(s.Register.Client, secret)},
	}}
	return g.bearer
}

// keyring reads secrets, and remembers the first that has no value.
type keyring struct {
	of   source.Secrets
	read []string
	err  error
}

func (k *keyring) value(name string) string {
	value, ok := k.of(name)
	if (!ok || value == "") && k.err == nil {
		k.err = fmt.Errorf("the secret %s has no value; set HOOKTREE_SECRET_%s, or write it into the secrets file", name, name)
	}
	k.read = append(k.read, value)
	return value
}

// wanted is one subscription an event, at our address. The token that proves
// the platform stands in the address where it signs nothing. Actionstep's also
// names the event, which not every delivery does.
func wanted(s *source.Source, token string) []Wanted {
	address := strings.TrimSuffix(s.Register.URL, "/") + "/in/" + s.Name
	all := make([]Wanted, len(s.Register.Events))
	for i, name := range s.Register.Events {
		query := url.Values{}
		if token != "" {
			query.Set("token", token)
		}
		if s.Kind == source.Actionstep {
			query.Set("event", name)
		}
		all[i] = Wanted{Event: name, URL: address}
		if len(query) > 0 {
			all[i].URL += "?" + query.Encode()
		}
	}
	return all
}

// Foresee says what a round would do.
func (p *Plan) Foresee(ctx context.Context) ([]Step, error) {
	existing, err := p.vendor.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the subscriptions for %s: %w", p.Source, err)
	}
	return Difference(p.Wanted, existing), nil
}

// Reconcile makes what the platform has what is wanted. After an error what
// was done before it stays; the next round goes on from there.
func (p *Plan) Reconcile(ctx context.Context) (Report, error) {
	steps, err := p.Foresee(ctx)
	if err != nil {
		return Report{}, err
	}
	var report Report
	for _, step := range steps {
		if err := p.carryOut(ctx, &step); err != nil {
			return report, fmt.Errorf("%s the subscription of %s for %s: %w", step.Do, step.event(), p.Source, err)
		}
		report.Done = append(report.Done, step)
	}
	return report, p.look(ctx, &report)
}

func (p *Plan) carryOut(ctx context.Context, step *Step) (err error) {
	switch step.Do {
	case Create:
		step.Hook, err = p.vendor.create(ctx, step.Want)
	case Renew:
		err = p.vendor.renew(ctx, step.Hook)
	case Remove:
		err = p.vendor.remove(ctx, step.Hook)
		if gone, ok := errors.AsType[*Failure](err); ok && gone.Status == http.StatusNotFound {
			err = nil
		}
	}
	return err
}

func (s *Step) event() string {
	if s.Do == Remove {
		return s.Hook.Event
	}
	return s.Want.Event
}

// look reads the list once more: what a platform answered is not always what
// it has.
func (p *Plan) look(ctx context.Context, report *Report) error {
	now, err := p.vendor.list(ctx)
	if err != nil {
		return fmt.Errorf("list the subscriptions for %s: %w", p.Source, err)
	}
	for _, w := range p.Wanted {
		for _, h := range now {
			switch {
			case !w.is(h):
			case h.Active:
				report.Kept = append(report.Kept, h)
			default:
				report.Pending = append(report.Pending, h)
			}
		}
	}
	return nil
}
