package server

import (
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// pages are the files of the UI: one page for every address that is no file,
// because the page itself knows its addresses.
type pages struct{ files fs.FS }

func newPages(files fs.FS) *pages { return &pages{files: files} }

// pagePolicy lets the pages run what they brought along and nothing else.
const pagePolicy = "default-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// starts are where a browser is sent when an address is no file: the built
// page, or the one that stands in for it before a build.
var starts = []string{"index.html", "placeholder.html"}

// servePage answers what no route of the table does: a file of the UI, or its
// page. Whatever belongs to an API is refused in that API's form.
func (s *Server) servePage(c *fiber.Ctx) error {
	method := c.Method()
	if s.pages.files == nil || method != http.MethodGet && method != http.MethodHead || s.belongsToAPI(c) {
		return c.Next()
	}
	name, ok := fileName(string(c.Request().URI().PathOriginal()))
	if !ok {
		return c.Next()
	}
	secure(c)
	if content, err := fs.ReadFile(s.pages.files, name); err == nil {
		tellFile(c, name, content)
		return nil
	}
	if path.Ext(name) != "" || !strings.Contains(string(c.Request().Header.Peek(fiber.HeaderAccept)), "text/html") {
		return c.Next()
	}
	for _, start := range starts {
		if content, err := fs.ReadFile(s.pages.files, start); err == nil {
			tellFile(c, start, content)
			return nil
		}
	}
	return c.Next()
}

func (s *Server) belongsToAPI(c *fiber.Ctx) bool {
	sent := string(c.Request().URI().PathOriginal())
	for _, m := range s.mounts {
		if m.covers(sent) {
			return true
		}
	}
	return strings.HasPrefix(sent, "/api/")
}

// fileName gives the file that an address names; false for one that no file
// can have.
func fileName(sent string) (string, bool) {
	decoded, err := url.PathUnescape(sent)
	if err != nil {
		return "", false
	}
	name := strings.TrimPrefix(decoded, "/")
	if name == "" {
		name = starts[0]
	}
	return name, fs.ValidPath(name)
}

// tellFile sends a file. The build names files under assets by their content,
// so they may be kept for ever; the page is asked for each time.
func tellFile(c *fiber.Ctx, name string, content []byte) {
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	keep := "no-cache"
	if strings.HasPrefix(name, "assets/") {
		keep = "public, max-age=31536000, immutable"
	}
	h := &c.Response().Header
	h.SetContentType(kind)
	h.Set(fiber.HeaderCacheControl, keep)
	h.Set(fiber.HeaderContentSecurityPolicy, pagePolicy)
	h.Set(fiber.HeaderXFrameOptions, "DENY")
	c.Response().SetStatusCode(http.StatusOK)
	c.Response().SetBody(content)
}
