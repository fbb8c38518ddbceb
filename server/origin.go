package server

import (
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"
)

// origins refuses what a foreign page makes a browser send, by the standard
// library's [http.CrossOriginProtection]. Clients that are no browsers send
// neither header and pass.
type origins struct{ protection *http.CrossOriginProtection }

func newOrigins() origins { return origins{http.NewCrossOriginProtection()} }

func (o origins) check(c *fiber.Ctx) *Refusal {
	site := c.Request().Header.Peek("Sec-Fetch-Site")
	origin := c.Request().Header.Peek(fiber.HeaderOrigin)
	if len(site) == 0 && len(origin) == 0 {
		return nil
	}
	shim := http.Request{
		Method: string(c.Request().Header.Method()), Host: string(c.Context().Host()), URL: &url.URL{Path: string(c.Context().Path())},
		Header: http.Header{"Sec-Fetch-Site": {string(site)}, "Origin": {string(origin)}},
	}
	if err := o.protection.Check(&shim); err != nil {
		return &Refusal{
			Status: http.StatusForbidden, Code: "cross_origin",
			Message: "a page of another site may not change anything here; call the API from a program, or from this site's own pages",
		}
	}
	return nil
}
