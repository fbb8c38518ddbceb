package egress

import (
	"fmt"
	"net/netip"
	"strings"
)

// ParseAllow reads an allow-list as space.yaml writes it: prefixes such as
// 10.1.0.0/16, or single addresses. The error names the entry at fault.
func ParseAllow(entries []string) ([]netip.Prefix, error) {
	prefixes := make([]netip.Prefix, 0, len(entries))
	for i, entry := range entries {
		prefix, err := parsePrefix(entry)
		if err != nil {
			return nil, fmt.Errorf("egress.allow[%d]: %q %w", i, entry, err)
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

func parsePrefix(entry string) (netip.Prefix, error) {
	const example = "write an address or a prefix, such as 10.1.2.3 or 10.1.0.0/16"
	var prefix netip.Prefix
	if strings.Contains(entry, "/") {
		p, err := netip.ParsePrefix(entry)
		if err != nil {
			return netip.Prefix{}, fmt.Errorf("is not a prefix: %s", example)
		}
		prefix = p
	} else {
		addr, err := netip.ParseAddr(entry)
		if err != nil {
			return netip.Prefix{}, fmt.Errorf("is not an address: %s", example)
		}
		if addr.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("has a zone, which no prefix can hold: %s", example)
		}
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	}
	if prefix.Addr().Is4In6() {
		return netip.Prefix{}, fmt.Errorf("is IPv4 in the dress of IPv6: write %s", prefix.Addr().Unmap())
	}
	if prefix != prefix.Masked() {
		return netip.Prefix{}, fmt.Errorf("has bits beyond its length: write %s", prefix.Masked())
	}
	return prefix, nil
}
