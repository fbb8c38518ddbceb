package source

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// Place is where a part of a delivery stands: a header, a member of the body,
// or nowhere because it is always the same. The zero value is nowhere.
type Place struct {
	Header string
	Body   string // JSON Pointer
	Fixed  string
}

// String is the place as space.yaml has it.
func (p Place) String() string {
	switch {
	case p.Header != "":
		return "header " + p.Header
	case p.Body != "":
		return "body " + p.Body
	default:
		return p.Fixed
	}
}

var errPlace = errors.New("this is no place of a delivery")

// parsePlace reads `header NAME` or `body POINTER`.
func parsePlace(text string) (Place, error) {
	kind, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	rest = strings.TrimSpace(rest)
	switch {
	case kind == "header" && isHeader(rest):
		return Place{Header: http.CanonicalHeaderKey(rest)}, nil
	case kind == "body" && strings.HasPrefix(rest, "/"):
		return Place{Body: rest}, nil
	default:
		return Place{}, errPlace
	}
}

// isHeader reports whether text can be the name of a header.
func isHeader(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return text != "" && len(text) <= maxText && strings.Trim(text, letters) == ""
}

// of finds the part in a delivery: text or a whole number, else empty.
func (p Place) of(r *Request, body any) string {
	switch {
	case p.Header != "":
		return r.Header.Get(p.Header)
	case p.Body != "":
		return word(lookup(body, p.Body))
	default:
		return p.Fixed
	}
}

// lookup follows a JSON Pointer (RFC 6901); nil when it leads nowhere.
func lookup(value any, pointer string) any {
	for segment := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		segment = unescapePointer.Replace(segment)
		switch v := value.(type) {
		case map[string]any:
			value = v[segment]
		case []any:
			i, err := strconv.Atoi(segment)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")

// word is a value as a name or an id: text, or a whole number; else empty.
func word(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	default:
		return ""
	}
}
