package accounts

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// The bounds of where a client may have its answers sent.
const (
	MaxRedirects   = 10
	maxRedirectURI = 2000
)

// loopback is a redirect URI of an application on the user's own machine: the
// host, the port and what follows.
var loopback = regexp.MustCompile(`^(http://(?:127\.0\.0\.1|\[::1\]|localhost))(?::[0-9]{1,5})?((?:[/?].*)?)$`)

// privateScheme is one that an application has for itself: a domain name
// backwards (RFC 8252, 7.1), so neither javascript: nor data:.
var privateScheme = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$`)

// checkRedirects refuses redirect URIs by which somebody else could come to a
// code, or which make a browser run something.
func checkRedirects(uris []string) error {
	if len(uris) > MaxRedirects {
		return invalid("redirectUris", "a client has at most %d redirect URIs; these are %d", MaxRedirects, len(uris))
	}
	for _, uri := range uris {
		if what := wrongWith(uri); what != "" {
			return invalid("redirectUris", "the redirect URI %.200q %s", uri, what)
		}
	}
	return nil
}

// wrongWith says what keeps a redirect URI from being registered; empty for
// nothing.
func wrongWith(uri string) string {
	parsed, err := url.Parse(uri)
	switch {
	case len(uri) > maxRedirectURI:
		return "is too long"
	case err != nil || strings.ContainsFunc(uri, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }):
		return "cannot be read; percent-encode what is no plain ASCII"
	case strings.Contains(uri, "#"):
		return "has a fragment, which no answer can be added to; leave # and what follows out"
	case parsed.User != nil:
		return "has a user name before its host; leave it out"
	case parsed.Scheme == "https" && parsed.Hostname() != "", loopback.MatchString(uri), privateScheme.MatchString(parsed.Scheme):
		return ""
	default:
		return "is none that a code may be sent to; give https://HOST/PATH, http://127.0.0.1/PATH for an application on the user's machine, or com.example.app:/PATH"
	}
}

// sends reports whether a client may have answers sent to a URI: it is one
// that was registered, to the letter. Only the port of an application on the
// user's own machine is free, since that takes whichever it gets (RFC 8252, 7.3).
func (c Client) sends(uri string) bool {
	return slices.ContainsFunc(c.Redirects, func(registered string) bool { return sameRedirect(registered, uri) })
}

func sameRedirect(registered, sent string) bool {
	if registered == sent {
		return true
	}
	want, got := loopback.FindStringSubmatch(registered), loopback.FindStringSubmatch(sent)
	return want != nil && got != nil && want[1] == got[1] && want[2] == got[2] && wrongWith(sent) == ""
}
