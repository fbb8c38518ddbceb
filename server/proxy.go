package server

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// proxies are the addresses whose X-Forwarded headers are believed. Anybody
// else's are ignored: they are a client's claim about itself.
type proxies []netip.Prefix

func (p proxies) trusts(addr netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// client gives the address that a request comes from: the nearest one that is
// not a trusted proxy.
func (p proxies) client(ctx *fasthttp.RequestCtx) netip.Addr {
	addr, _ := netip.AddrFromSlice(ctx.RemoteIP())
	addr = addr.Unmap()
	if len(p) == 0 || !p.trusts(addr) {
		return addr
	}
	hops := strings.Split(string(ctx.Request.Header.Peek(fiber.HeaderXForwardedFor)), ",")
	for _, text := range slices.Backward(hops) {
		hop, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil {
			return addr
		}
		addr = hop.Unmap()
		if !p.trusts(addr) {
			return addr
		}
	}
	return addr
}

// origin gives scheme and host as the client sees them.
func (p proxies) origin(ctx *fasthttp.RequestCtx, secure bool) string {
	scheme, host := "http", string(ctx.Host())
	if secure || ctx.IsTLS() {
		scheme = "https"
	}
	peer, _ := netip.AddrFromSlice(ctx.RemoteIP())
	if p.trusts(peer.Unmap()) {
		if forwarded := string(ctx.Request.Header.Peek(fiber.HeaderXForwardedProto)); forwarded == "https" || forwarded == "http" {
			scheme = forwarded
		}
		if forwarded := string(ctx.Request.Header.Peek(fiber.HeaderXForwardedHost)); forwarded != "" {
			host = forwarded
		}
	}
	return scheme + "://" + host
}
