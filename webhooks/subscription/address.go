package subscription

import (
	"net/url"
	"strings"
)

// hidden stands for a value that is shown to nobody but the subscription's
// owner.
const hidden = "•••"

// Address is where its deliveries go, as it may be shown, kept in jobs and told
// in notices: the values of its query are hidden, since applications put tokens
// there. The owner alone, and who sends, read the URL.
func (s *Subscription) Address() string {
	place, query, asked := strings.Cut(s.URL, "?")
	if !asked || query == "" {
		return s.URL
	}
	members := strings.Split(query, "&")
	for i, member := range members {
		name, _, named := strings.Cut(member, "=")
		if members[i] = hidden; named {
			members[i] = name + "=" + hidden
		}
	}
	return place + "?" + strings.Join(members, "&")
}

// minHidden is the shortest value that is looked for in answers: less is too
// likely to be no secret, and to stand there by chance.
const minHidden = 8

// Hidden lists the values of its URL that an endpoint's answer must not bring
// back to where it is shown.
func (s *Subscription) Hidden() []string {
	_, query, _ := strings.Cut(s.URL, "?")
	var values []string
	for member := range strings.SplitSeq(query, "&") {
		name, value, named := strings.Cut(member, "=")
		if !named {
			value = name
		}
		for _, look := range []string{value, unescaped(value)} {
			if len(look) >= minHidden && (len(values) == 0 || values[len(values)-1] != look) {
				values = append(values, look)
			}
		}
	}
	return values
}

func unescaped(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}
