package subscription

import (
	"fmt"
	"net/url"
	"strings"
)

// ExampleURL is the endpoint that first subscriptions name.
const ExampleURL = "https://example.com/hook"

// First is what a first subscription of a dialect looks like, for people who
// point an application here. It is a POST that the dialect reads as one draft,
// of an event that it offers, to [ExampleURL].
type First struct {
	Path        string // below the first prefix, where applications subscribe: "/hooks"; it may be empty
	ContentType string
	Body        string
}

// Address is where applications of the dialect subscribe.
func (d *Dialect) Address() string { return d.Prefixes[0] + d.First.Path }

// Curl is the first subscription as a command for a shell, at an origin such
// as "https://hooks.example.com". The token is read from $TOKEN, and stands in
// the first of the dialect's places.
func (d *Dialect) Curl(origin string) string {
	address, token := origin+d.Address(), ""
	switch place := d.Credentials[0]; place.Kind {
	case Bearer:
		token = ` -H "Authorization: Bearer $TOKEN"`
	case Header:
		token = fmt.Sprintf(` -H "%s: $TOKEN"`, place.Name)
	case Query:
		address += "?" + url.QueryEscape(place.Name) + "=$TOKEN"
	}
	return fmt.Sprintf("curl \"%s\" \\\n %s -H %s \\\n  -d %s", address, token, shellWord("Content-Type: "+d.First.ContentType), shellWord(d.First.Body))
}

// TokenCommand makes a token of the dialect, on the machine of the server.
func (d *Dialect) TokenCommand() string {
	return "hooktree token create --dialect " + d.Name + " --owner integrations"
}

// shellWord is a text as one word of a shell.
func shellWord(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
