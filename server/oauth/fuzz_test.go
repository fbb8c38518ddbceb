package oauth_test

import (
	"net/http"
	"net/url"
	"testing"
	"unicode/utf8"

	"hooktree/server/oauth"
)

// Whatever is sent is read, or refused with a code of RFC 6749; and what is
// read of a form is what the standard library reads there.
func FuzzParseAsked(f *testing.F) {
	const form, object = "application/x-www-form-urlencoded", "application/json"
	for _, seed := range [][3]string{
		{"", form, "grant_type=client_credentials&client_id=a&client_secret=b"},
		{"Basic YTpi", form, "grant_type=refresh_token&refresh_token=x"},
		{"Basic YTpi", form, "client_id=a"},
		{"Basic YTpi", form, "client_id=c"},
		{"basic %%%", "", "a=1&a=2"},
		{"Bearer x", object, `{"grant_type":"client_credentials","expires_in":60,"scope":null}`},
		{"Basic", object, `{"grant_type":{}}`},
		{"", object, `[1e999]`},
		{"", form, "grant_type=%ff"},
		{"", "text/plain; charset", "x"},
	} {
		f.Add(seed[0], seed[1], []byte(seed[2]))
	}
	codes := map[string]int{"invalid_client": 401, "invalid_request": 400}
	f.Fuzz(func(t *testing.T, authorization, kind string, body []byte) {
		header := http.Header{"Authorization": {authorization}, "Content-Type": {kind}}
		client, secret, grant, status, failed := oauth.ParseAsked(header, body)
		if failed != "" {
			if codes[failed] != status && status != http.StatusUnsupportedMediaType {
				t.Errorf("refused by %d %s", status, failed)
			}
			return
		}
		req := http.Request{Header: header}
		if id, password, ok := req.BasicAuth(); ok && (client != id || secret != password) {
			t.Errorf("the header has %q and %q; read as %q and %q", id, password, client, secret)
		}
		if kind == form {
			values, err := url.ParseQuery(string(body))
			if err != nil || values.Get("grant_type") != grant {
				t.Errorf("%q was read as grant type %q (%v)", body, grant, err)
			}
		}
		if !utf8.ValidString(grant) {
			t.Errorf("the grant type %q is not UTF-8", grant)
		}
	})
}
