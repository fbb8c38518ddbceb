package egress

import (
	"net/netip"
	"slices"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// alsoDenied are public addresses that lead inward all the same: Azure answers
// platform requests of its virtual machines at this one.
var alsoDenied = []netip.Prefix{netip.MustParsePrefix("168.63.129.16/32")}

// guard says which addresses may be dialed. It is immutable.
type guard struct {
	rules *ssrf.Guardian
}

func newGuard(allow []netip.Prefix) guard {
	var v4, v6 []netip.Prefix
	for _, prefix := range allow {
		if prefix.Addr().Is4() {
			v4 = append(v4, prefix)
		} else {
			v6 = append(v6, prefix)
		}
	}
	return guard{rules: ssrf.New(
		ssrf.WithAnyPort(), // endpoints live on any port; the address decides
		ssrf.WithAllowedV4Prefixes(v4...),
		ssrf.WithAllowedV6Prefixes(v6...),
		ssrf.WithDeniedV4Prefixes(slices.Clone(alsoDenied)...),
	)}
}

// control is a net.Dialer's Control: it sees the address that the socket is
// about to connect to, whatever the name said before.
func (g guard) control(network, address string, raw syscall.RawConn) error {
	err := g.rules.Safe(network, address, raw)
	if err == nil {
		return nil
	}
	at, parseErr := netip.ParseAddrPort(address)
	if parseErr != nil { // a unix socket, say: no allow-list helps
		return &Refused{Host: address, Reason: err.Error(), Hint: "name a host and a port"}
	}
	addr := at.Addr().Unmap().WithZone("")
	return &Refused{Host: addr.String(), Address: addr.String(), Reason: "the address is " + kindOf(addr), Hint: hint(addr)}
}

// check refuses a host that is an address which may not be dialed, or a name of
// this machine whose addresses all may not.
func (g guard) check(host string) error {
	var err error
	for _, addr := range addresses(host) {
		network := "tcp6"
		if addr.Is4() {
			network = "tcp4"
		}
		refused := g.control(network, netip.AddrPortFrom(addr, 443).String(), nil)
		if refused == nil {
			return nil
		}
		if err == nil {
			err = refused
		}
	}
	return err
}

// addresses gives those of a host that need no resolving.
func addresses(host string) []netip.Addr {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}
	}
	if name := strings.ToLower(host); name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
	}
	return nil
}

func hint(addr netip.Addr) string {
	return "if it is meant to be reached, add it in space.yaml: egress: {allow: [" +
		netip.PrefixFrom(addr, addr.BitLen()).String() + "]}"
}

// kindOf describes an address that the guard refused, for people.
func kindOf(addr netip.Addr) string {
	switch {
	case addr.IsLoopback():
		return "loopback"
	case addr.IsLinkLocalUnicast(), addr.IsLinkLocalMulticast():
		return "link-local (cloud metadata lives there)"
	case addr.IsPrivate():
		return "private"
	case addr.IsUnspecified():
		return "unspecified"
	case addr.IsMulticast():
		return "multicast"
	case ssrf.IPv6NAT64Prefix.Contains(addr):
		return "an IPv4 address behind NAT64"
	default:
		return "not on the public internet"
	}
}
