package oauth

import (
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"hooktree/webhooks/event"
)

// asked is what a client sends to a token call.
type asked struct {
	client, secret string // its credentials
	grant          string // grant_type
	refresh        string // refresh_token
	code           string // of a consent, with what it was asked with
	redirect       string // redirect_uri
	verifier       string // code_verifier
	scope          string
	life           string // expires_in
	token          string // to revoke
}

// parseAsked reads a form or a JSON object, and the credentials from wherever
// they stand: the Authorization header, or the body.
func parseAsked(header http.Header, body []byte) (asked, *failure) {
	fields, refused := fieldsOf(header.Get("Content-Type"), body)
	if refused != nil {
		return asked{}, refused
	}
	sent := asked{
		client: fields["client_id"], secret: fields["client_secret"], grant: fields["grant_type"], refresh: fields["refresh_token"],
		code: fields["code"], redirect: fields["redirect_uri"], verifier: fields["code_verifier"],
		scope: strings.TrimSpace(fields["scope"]), life: fields["expires_in"], token: fields["token"],
	}
	refused = sent.readBasic(header.Get("Authorization"))
	return sent, refused
}

// readBasic takes credentials from the header. RFC 6749 has them encoded as in
// a form, which most clients leave out; of what we give out, both are the same.
func (a *asked) readBasic(authorization string) *failure {
	scheme, encoded, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "basic") {
		return nil // a client that renews sends its old token along, as a Bearer
	}
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	id, secret, ok := strings.Cut(string(text), ":")
	if err != nil || !ok {
		return fail(http.StatusUnauthorized, "invalid_client", "the Authorization header is not Basic with base64 of client_id:client_secret")
	}
	if a.client != "" && a.client != id {
		return invalid("the client_id of the body is not that of the Authorization header; send one of them")
	}
	a.client, a.secret = id, secret
	return nil
}

// fieldsOf reads the parameters of a body. None may come twice (RFC 6749, 3.2).
func fieldsOf(contentType string, body []byte) (map[string]string, *failure) {
	kind, _, err := mime.ParseMediaType(contentType)
	switch {
	case contentType == "" || err == nil && kind == "application/x-www-form-urlencoded":
		return formFields(body)
	case err == nil && kind == "application/json":
		return jsonFields(body)
	default:
		return nil, fail(http.StatusUnsupportedMediaType, "invalid_request",
			"the content type %q is not read here; send application/x-www-form-urlencoded or application/json", clip(contentType))
	}
}

func formFields(body []byte) (map[string]string, *failure) {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, invalid("the form cannot be read: %s; percent-encode its values", clip(err.Error()))
	}
	fields := make(map[string]string, len(values))
	for name, list := range values {
		if len(list) > 1 {
			return nil, invalid("%s comes %d times; send it once", clip(name), len(list))
		}
		if !utf8.ValidString(name) || !utf8.ValidString(list[0]) {
			return nil, invalid("the form is not UTF-8")
		}
		fields[name] = list[0]
	}
	return fields, nil
}

func jsonFields(body []byte) (map[string]string, *failure) {
	value, fault := event.Decode(body)
	if fault != nil {
		return nil, invalid("the body cannot be read as JSON: %s", clip(fault.Error()))
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, invalid(`the body is no JSON object; send {"grant_type":"client_credentials"}`)
	}
	fields := make(map[string]string, len(object))
	for name, value := range object {
		switch v := value.(type) {
		case nil:
		case string:
			fields[name] = v
		case float64, int64, int:
			fields[name] = fmt.Sprint(v)
		default:
			return nil, invalid("%s is to be a text", clip(name))
		}
	}
	return fields, nil
}

// seconds reads expires_in; zero for none.
func (a *asked) seconds() (time.Duration, *failure) {
	if a.life == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(a.life, 10, 32)
	if err != nil || n < 1 {
		return 0, invalid("expires_in is to be a number of seconds, such as 3600; got %q", clip(a.life))
	}
	return time.Duration(n) * time.Second, nil
}

// clip shortens what a client sent before it is shown again.
func clip(text string) string {
	const most = 120
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strings.ToValidUTF8(text, "�")
}
