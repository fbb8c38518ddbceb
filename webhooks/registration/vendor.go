package registration

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"hooktree/webhooks/source"
)

// vendor is a platform's API of subscriptions.
type vendor interface {
	list(ctx context.Context) ([]Hook, error)
	create(ctx context.Context, w Wanted) (Hook, error)
	renew(ctx context.Context, h Hook) error
	remove(ctx context.Context, h Hook) error
}

// vendors makes the client of each kind of source that can be registered.
var vendors = map[source.Kind]func(*api) vendor{
	source.Actionstep: func(a *api) vendor { return actionstep{a} },
	source.Keap:       func(a *api) vendor { return keap{a} },
	source.Accelo:     func(a *api) vendor { return accelo{a} },
}

// bases are where a vendor's API is when the source does not say.
var bases = map[source.Kind]string{
	source.Keap: "https://api.infusionsoft.com/crm/rest/v1",
}

// The bounds of an answer, and of what is told of one.
const (
	maxAnswer = 4 << 20
	maxTold   = 300
)

// api calls a vendor.
type api struct {
	base    string // without a slash at its end
	client  *http.Client
	headers map[string]string
	bearer  bearer // nil sends none
	secret  string // by which Accelo is to sign; empty for none
	hidden  []string
}

// bearer gives a token: another one than that which the vendor refused a moment
// ago, where one was and another can be had.
type bearer func(ctx context.Context, refused string) (string, error)

// answer is what a vendor said.
type answer struct {
	status int
	body   []byte
}

// Failure is a call that the vendor refused.
type Failure struct {
	Call   string // "POST /hooks"
	Status int
	Told   string // the begin of what it said, without secrets
}

func (f *Failure) Error() string {
	text := fmt.Sprintf("%s is answered %d %s", f.Call, f.Status, http.StatusText(f.Status))
	if f.Told == "" {
		return text
	}
	return text + ": " + f.Told
}

// call sends a request and wants a status of 2xx. Tokens end before their time,
// too, so that one which is refused is replaced, once.
func (a *api) call(ctx context.Context, method, path string, body any) (got answer, err error) {
	o := outgoing{method: method, path: path}
	if o.text, o.kind, err = written(body); err != nil {
		return answer{}, err
	}
	if a.bearer == nil {
		return a.try(ctx, o, "")
	}
	token, err := a.bearer(ctx, "")
	if err != nil {
		return answer{}, err
	}
	got, err = a.try(ctx, o, token)
	failure, refused := errors.AsType[*Failure](err)
	if !refused || failure.Status != http.StatusUnauthorized {
		return got, err
	}
	next, unmended := a.bearer(ctx, token)
	switch {
	case unmended != nil:
		return answer{}, fmt.Errorf("%w; %w", err, unmended)
	case next == token:
		return answer{}, err
	}
	return a.try(ctx, o, next)
}

// outgoing is a request as it is sent, but for its token.
type outgoing struct {
	method, path string
	text         []byte
	kind         string // of the text; empty for none
}

// try sends a request once.
func (a *api) try(ctx context.Context, o outgoing, token string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, o.method, a.base+o.path, bytes.NewReader(o.text))
	if err != nil {
		return answer{}, fmt.Errorf("the address %s is none: %w", a.base, err)
	}
	if o.kind != "" {
		req.Header.Set("Content-Type", o.kind)
	}
	for name, value := range a.headers { // Actionstep's content type is its own
		req.Header.Set(name, value)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return a.send(req, o.method+" "+cmp.Or(o.path, req.URL.Path))
}

func (a *api) send(req *http.Request, name string) (answer, error) {
	resp, err := a.client.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", name, withoutURL(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return answer{}, fmt.Errorf("%s: read the answer: %w", name, err)
	}
	if len(body) > maxAnswer {
		return answer{}, fmt.Errorf("%s: the answer is larger than %d MiB, which is more than is read", name, maxAnswer>>20)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return answer{}, &Failure{Call: name, Status: resp.StatusCode, Told: a.shown(body)}
	}
	return answer{resp.StatusCode, body}, nil
}

// withoutURL takes the URL out of an error: its query may hold a token.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// shown is the begin of what a vendor said, with our secrets masked, as they are
// and as they stand in an address.
func (a *api) shown(body []byte) string {
	text := strings.Join(strings.Fields(string(body)), " ")
	for _, secret := range a.hidden {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "•••")
			text = strings.ReplaceAll(text, url.QueryEscape(secret), "•••")
		}
	}
	if len(text) > maxTold {
		text = strings.ToValidUTF8(text[:maxTold], "") + "…"
	}
	return text
}

// written gives a body as it is sent: forms as forms, all else as JSON.
func written(body any) (text []byte, kind string, err error) {
	switch b := body.(type) {
	case nil:
		return nil, "", nil
	case url.Values:
		return []byte(b.Encode()), "application/x-www-form-urlencoded", nil
	default:
		text, err = json.Marshal(b)
		return text, "application/json", err
	}
}

// into reads an answer's JSON.
func (a answer) into(v any) error {
	if err := json.Unmarshal(a.body, v); err != nil {
		return fmt.Errorf("the platform's answer is not the JSON that its documents promise: %w", err)
	}
	return nil
}
