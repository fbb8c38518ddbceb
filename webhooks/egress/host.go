package egress

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// CheckURL refuses a URL that is not plain http or https, or whose host is
// spelled so that two readers may take it for two places: numbers in decimal,
// octal or hexadecimal for an address, a trailing dot, a zone, user and
// password, letters beyond ASCII. It resolves nothing.
func CheckURL(u *url.URL) error {
	refuse := func(reason, hint string) error {
		return &Refused{Host: u.Host, Reason: reason, Hint: hint}
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse("the scheme is "+strconv.Quote(u.Scheme), "write http:// or https://")
	case u.User != nil:
		return refuse("the URL holds a user or password", "use the basic authorization instead")
	case !portInRange(u):
		return refuse("the port is not between 1 and 65535", "write a port that exists, or none")
	}
	if reason, hint := checkHost(u); reason != "" {
		return refuse(reason, hint)
	}
	return nil
}

func portInRange(u *url.URL) bool {
	text := u.Port()
	if text == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}

// checkHost gives the reason and hint of a host that is refused, or nothing.
func checkHost(u *url.URL) (reason, hint string) {
	host := u.Hostname()
	switch {
	case host == "":
		return "there is no host", "write the URL in full, such as https://example.com/hook"
	case strings.HasPrefix(u.Host, "["):
		return checkIPv6(host)
	case !hostChars(host):
		return "the host holds characters that no host name has", "write it in letters, digits, dots and hyphens (names beyond ASCII in their xn-- form)"
	case strings.HasPrefix(host, "."), strings.HasSuffix(host, "."), strings.Contains(host, ".."):
		return "the host has a dot too many", "write it without the dot"
	case len(host) > 253:
		return "the host is longer than 253 characters", "write a name that can exist"
	case endsInNumber(host):
		return checkIPv4(host)
	}
	return "", ""
}

func checkIPv6(host string) (reason, hint string) {
	addr, err := netip.ParseAddr(host)
	switch {
	case err != nil || !addr.Is6():
		return "what stands in brackets is not an IPv6 address", "write it as in https://[2001:4860::8888]/"
	case addr.Zone() != "":
		return "the address has a zone", "write it without %" + addr.Zone()
	case addr.Is4In6():
		return "this is an IPv4 address in the dress of IPv6", "write " + addr.Unmap().String()
	}
	return "", ""
}

func checkIPv4(host string) (reason, hint string) {
	if _, err := netip.ParseAddr(host); err != nil {
		return "the host is a number in an odd spelling", "write an address as four decimal numbers, such as 192.0.2.1"
	}
	return "", ""
}

func hostChars(host string) bool {
	for _, c := range []byte(host) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '.', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// endsInNumber is the rule of the URL standard for what must be an IPv4
// address: the last label is all digits, or hexadecimal with 0x.
func endsInNumber(host string) bool {
	last := strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}
