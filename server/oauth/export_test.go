package oauth

import "net/http"

// ParseAsked reads a request as the calls do. Failed is the code of what is
// wrong with it, empty for nothing.
func ParseAsked(header http.Header, body []byte) (client, secret, grant string, status int, failed string) {
	sent, refused := parseAsked(header, body)
	if refused != nil {
		return "", "", "", refused.status, refused.code
	}
	return sent.client, sent.secret, sent.grant, 0, ""
}
