package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// newRequest makes a request of bound parameters. Its errors are about the
// parameters and name the one at fault.
func newRequest(ctx context.Context, call Call, params map[string]any) (*http.Request, error) {
	target, err := requestURL(text(params["url"]), mapping(params["query"]))
	if err != nil {
		return nil, err
	}
	header, err := requestHeader(mapping(params["headers"]))
	if err != nil {
		return nil, err
	}
	if err := authorize(header, mapping(params["auth"])); err != nil {
		return nil, err
	}
	body, err := requestBody(header, params["body"], text(params["as"]))
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, text(params["method"]), target.String(), body)
	if err != nil {
		return nil, fmt.Errorf("parameter \"url\" makes no request: %w", err)
	}
	identify(header, call)
	req.Header = header
	return req, nil
}

// identify says who calls, for what run, and which calls are the same one.
func identify(header http.Header, call Call) {
	if header.Get(HeaderKey) == "" && call.Key != "" {
		header.Set(HeaderKey, call.Key)
	}
	if call.Run != "" {
		header.Set(HeaderRun, call.Run)
	}
	if call.Traceparent != "" {
		header.Set(HeaderTrace, call.Traceparent)
	}
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", "hooktree")
	}
}

func requestURL(raw string, query map[string]any) (*url.URL, error) {
	target, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("parameter \"url\" is not a URL: %w", errors.Unwrap(err)) // the rest repeats it
	}
	if target.Scheme != "http" && target.Scheme != "https" || target.Host == "" {
		return nil, errors.New(`parameter "url" must be http or https, in full, such as https://example.com/people`)
	}
	target.Fragment, target.RawFragment = "", ""
	added, err := pairs(query)
	if err != nil {
		return nil, fmt.Errorf("parameter \"query\" %w", err)
	}
	if len(added) > 0 {
		target.RawQuery = strings.TrimPrefix(target.RawQuery+"&"+added.Encode(), "&")
	}
	return target, nil
}

// pairs makes a form of a mapping of scalars and lists of scalars.
func pairs(fields map[string]any) (url.Values, error) {
	form := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		list, ok := fields[name].([]any)
		if !ok {
			list = []any{fields[name]}
		}
		for _, value := range list {
			if value == nil {
				continue
			}
			s, ok := scalar(value)
			if !ok {
				return nil, fmt.Errorf("at %q must be a scalar or a list of scalars, not %s", name, kindOf(value))
			}
			form.Add(name, s)
		}
	}
	return form, nil
}

// scalar spells a value without members as text.
func scalar(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case time.Time:
		return v.Format(time.RFC3339Nano), true
	case time.Duration:
		return v.String(), true
	default:
		return "", false
	}
}

// ours are headers that an author cannot set: HTTP's own, and the ones by
// which a run is known.
var ours = []string{
	"Connection", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade", HeaderRun, HeaderTrace,
}

func requestHeader(fields map[string]any) (http.Header, error) {
	header := http.Header{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] == nil {
			continue
		}
		value, ok := scalar(fields[name])
		switch {
		case !isToken(name):
			return nil, fmt.Errorf("parameter \"headers\": %q is no name for a header", name)
		case slices.Contains(ours, http.CanonicalHeaderKey(name)):
			return nil, fmt.Errorf("parameter \"headers\": %s is set by hooktree alone: leave it out", http.CanonicalHeaderKey(name))
		case !ok:
			return nil, fmt.Errorf("parameter \"headers\" at %q must be a scalar, not %s", name, kindOf(fields[name]))
		case strings.ContainsFunc(value, isControl):
			return nil, fmt.Errorf("parameter \"headers\" at %q holds a line break or another control character", name)
		}
		header.Set(name, value)
	}
	return header, nil
}

func isToken(name string) bool {
	const tokens = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return name != "" && strings.Trim(name, tokens) == ""
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

func authorize(header http.Header, auth map[string]any) error {
	basic, bearer := mapping(auth["basic"]), text(auth["bearer"])
	switch {
	case basic == nil && bearer == "":
		if auth != nil {
			return errors.New(`parameter "auth" is empty: give basic or bearer`)
		}
		return nil
	case basic != nil && auth["bearer"] != nil:
		return errors.New(`parameter "auth" holds both basic and bearer: give one`)
	case header.Get("Authorization") != "":
		return errors.New(`parameter "auth" and the header Authorization say two things: give one`)
	case basic != nil:
		user, password := text(basic["user"]), text(basic["password"])
		if strings.Contains(user, ":") {
			return errors.New(`parameter "auth" at "basic.user" holds a colon, which ends the user's name there`)
		}
		req := http.Request{Header: header}
		req.SetBasicAuth(user, password)
	case strings.ContainsFunc(bearer, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New(`parameter "auth" at "bearer" holds spaces or characters that fit no header: look for a line break at its end`)
	default:
		header.Set("Authorization", "Bearer "+bearer)
	}
	return nil
}

// withCredentials adds what stands in the Authorization header to the secrets.
func withCredentials(secrets map[string]string, header http.Header) map[string]string {
	_, credential, found := strings.Cut(header.Get("Authorization"), " ")
	if !found {
		return secrets
	}
	all := map[string]string{"authorization": credential}
	for name, value := range secrets {
		if value == credential {
			delete(all, "authorization") // it has a name of its own
		}
		all[name] = value
	}
	return all
}

// The ways of writing a body.
const (
	asJSON = "json"
	asForm = "form"
	asText = "text"
)

var contentTypes = map[string]string{
	asJSON: "application/json",
	asForm: "application/x-www-form-urlencoded",
	asText: "text/plain; charset=utf-8",
}

// requestBody writes the body and, where the author set none, the content
// type. It gives nil for no body.
func requestBody(header http.Header, value any, as string) (io.Reader, error) {
	if value == nil {
		return nil, nil //nolint:nilnil // no body is not an error
	}
	if as == "" {
		as = writtenAs(header.Get("Content-Type"), value)
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", contentTypes[as])
	}
	data, err := encode(value, as)
	if err != nil {
		return nil, fmt.Errorf("parameter \"body\" as %s %w", as, err)
	}
	return bytes.NewReader(data), nil
}

// writtenAs chooses how to write a body that the author did not say it of.
// Text under a JSON content type is taken to be JSON already.
func writtenAs(contentType string, value any) string {
	if _, ok := value.(string); ok {
		return asText
	}
	media, _, _ := mime.ParseMediaType(contentType)
	if media == contentTypes[asForm] {
		return asForm
	}
	return asJSON
}

func encode(value any, as string) ([]byte, error) {
	switch as {
	case asForm:
		fields, ok := value.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("must be a map, not %s", kindOf(value))
		}
		form, err := pairs(fields)
		return []byte(form.Encode()), err
	case asText:
		s, ok := scalar(value)
		if !ok {
			return nil, fmt.Errorf("must be text, not %s", kindOf(value))
		}
		return []byte(s), nil
	default:
		return encodeJSON(value)
	}
}

func encodeJSON(value any) ([]byte, error) {
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(spelled(value)); err != nil {
		return nil, fmt.Errorf("cannot be written: %w", err)
	}
	return bytes.TrimSuffix(data.Bytes(), []byte("\n")), nil
}

// spelled gives a copy with durations as text; JSON would count nanoseconds.
func spelled(value any) any {
	switch v := value.(type) {
	case time.Duration:
		return v.String()
	case []any:
		list := make([]any, len(v))
		for i, elem := range v {
			list[i] = spelled(elem)
		}
		return list
	case map[string]any:
		fields := make(map[string]any, len(v))
		for name, elem := range v {
			fields[name] = spelled(elem)
		}
		return fields
	default:
		return v
	}
}
