package server

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"
)

// newRequest copies a request, once, so that a handler may keep all of it:
// fasthttp uses the memory under c again for the next request.
func (s *Server) newRequest(c *fiber.Ctx, r *row) (Request, *Refusal) {
	path := string(c.Request().URI().PathOriginal())
	req := Request{
		Method: r.Method, Path: path,
		Header: make(http.Header, c.Request().Header.Len()),
		Body:   append([]byte(nil), c.Request().Body()...),
		Remote: s.proxies.client(c.Context()), Origin: s.proxies.origin(c.Context(), s.config.Secure),
	}
	if below := strings.Trim(strings.TrimPrefix(path, r.prefix), "/"); below != "" {
		req.Segments = strings.Split(below, "/")
	}
	for key, value := range c.Request().Header.All() {
		req.Header.Add(string(key), string(value))
	}
	var refusal *Refusal
	if req.Params, refusal = params(c); refusal != nil {
		return req, refusal
	}
	query, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		return req, &Refusal{Status: http.StatusBadRequest, Code: "malformed_query", Message: "the query cannot be read: " + clip(err.Error()) + "; percent-encode its values"}
	}
	req.Query = query
	if isGzip(c.Request().Header.ContentEncoding()) { // admitted, so that the route takes it
		req.Header.Del(fiber.HeaderContentEncoding)
		req.Body, refusal = unpack(req.Body, r.Limit)
	}
	return req, refusal
}

// params decodes the path's parameters: here, once, and nowhere else.
func params(c *fiber.Ctx) (map[string]string, *Refusal) {
	names := c.Route().Params
	if len(names) == 0 {
		return nil, nil
	}
	decoded := make(map[string]string, len(names))
	for _, name := range names {
		value, err := url.PathUnescape(c.Params(name))
		if err != nil || !printable(value) {
			return nil, &Refusal{
				Status: http.StatusBadRequest, Code: "malformed_path",
				Message: fmt.Sprintf("the path's part %s is not percent-encoded UTF-8; encode a space as %%20 and a slash as %%2F", clip(strconv.Quote(c.Params(name)))),
			}
		}
		if name == "*1" {
			name = "*"
		}
		decoded[strings.Clone(name)] = strings.Clone(value)
	}
	return decoded, nil
}

// requestIDs names requests for logs: unique in this process, and very likely
// among processes.
type requestIDs struct {
	prefix string
	last   *atomic.Uint64
}

func newRequestIDs() requestIDs {
	var random [5]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	return requestIDs{prefix: hex.EncodeToString(random[:]) + "-", last: new(atomic.Uint64)}
}

// of takes the client's own id where it is short and plain, else a new one.
func (ids requestIDs) of(c *fiber.Ctx) string {
	given := c.Request().Header.Peek(fiber.HeaderXRequestID)
	if len(given) > 0 && len(given) <= 64 && plain(given) {
		return string(given)
	}
	return ids.prefix + strconv.FormatUint(ids.last.Add(1), 36)
}

func plain(text []byte) bool {
	for _, b := range text {
		letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
		if !letter && b != '-' && b != '_' && b != '.' {
			return false
		}
	}
	return true
}
