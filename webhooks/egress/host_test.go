package egress_test

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"hooktree/webhooks/egress"
)

func TestPlainURLsAreLetThrough(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"https://example.com/hook", "http://example.com:8080/a?b=c", "https://EXAMPLE.com", "https://a_b.example.com",
		"https://xn--bcher-kva.example/", "http://93.184.216.34/", "http://[2001:4860::8888]:443/", "http://localhost/",
		"https://1and1.example", "https://0x.example", "https://10.0.0.1.example.com",
	} {
		if err := check(t, text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestOddURLsAreRefusedWithAReason(t *testing.T) {
	t.Parallel()
	tests := []struct{ url, want string }{
		{"ftp://example.com/", `the scheme is "ftp"`},
		{"file:///etc/passwd", `the scheme is "file"`},
		{"//example.com/", `the scheme is ""`},
		{"http:///path", "there is no host"},
		{"https://user:word@example.com/", "holds a user or password"},
		{"https://user@example.com/", "holds a user or password"},
		{"https://example.com./", "a dot too many"},
		{"https://.example.com/", "a dot too many"},
		{"https://example..com/", "a dot too many"},
		{"https://127.0.0.1./", "a dot too many"},
		{"https://2130706433/", "odd spelling"},
		{"https://0x7f000001/", "odd spelling"},
		{"https://0x7f.1/", "odd spelling"},
		{"https://0177.0.0.1/", "odd spelling"},
		{"https://127.1/", "odd spelling"},
		{"https://a.0x1/", "odd spelling"},
		{"https://1.2.3.4.5/", "odd spelling"},
		{"https://256.0.0.1/", "odd spelling"},
		{"https://[fe80::1%25eth0]/", "has a zone"},
		{"https://[::ffff:8.8.8.8]/", "dress of IPv6"},
		{"https://１２７.0.0.1/", "characters that no host name has"},
		{"https://bücher.example/", "xn-- form"},
		{"https://a%C3%BCb.example/", "characters that no host name has"},
		{"https://" + strings.Repeat("a.", 130) + "com/", "longer than 253"},
		{"https://example.com:0/", "port"},
		{"https://example.com:65536/", "port"},
		{"https://example.com:/", "port"},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			t.Parallel()
			if err := check(t, tt.url); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestURLsMadeByHandAreCheckedAsWell(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"[1.2.3.4]", "[::g]", "", "a b", "example.com:http"} {
		if err := egress.CheckURL(&url.URL{Scheme: "https", Host: host}); codeOf(err) != egress.CodeRefused {
			t.Errorf("host %q: got %v, want a refusal", host, err)
		}
	}
}

func check(t *testing.T, text string) error {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		return err
	}
	return egress.CheckURL(u)
}

// A host that passes has one reading: what a lenient reader takes for an
// address, a strict one takes for the same address.
func FuzzAHostThatPassesHasOneReading(f *testing.F) {
	for _, seed := range []string{
		"http://127.0.0.1/", "http://0x7f.1/", "http://017700000001", "http://[::1]:80", "http://a.example:443/",
		"https://1.2.3.4.", "http://[::ffff:1.2.3.4]", "http://１.1", "http://a@b", "http://0/", "http://0x/",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := url.Parse(text)
		if err != nil || egress.CheckURL(u) != nil {
			return
		}
		host := u.Hostname()
		strict, strictErr := netip.ParseAddr(host)
		lenient, isNumber := inetAton(host)
		switch {
		case isNumber && (strictErr != nil || strict != lenient):
			t.Errorf("%q passes: read leniently it is %v, strictly %v, %v", host, lenient, strict, strictErr)
		case strictErr == nil && (strict.Zone() != "" || strict.Is4In6()):
			t.Errorf("%q passes: an address in disguise", host)
		case u.User != nil, u.Port() == "0", strings.HasSuffix(host, "."), host == "":
			t.Errorf("%q passes", text)
		}
	})
}

// inetAton reads an address as the C library's function does: one to four
// parts, decimal, octal or hexadecimal, the last one filling what is left.
func inetAton(host string) (netip.Addr, bool) {
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var value uint64
	for i, part := range parts {
		n, ok := aNumber(part)
		last := i == len(parts)-1
		if !ok || !last && n > 255 || last && n >= 1<<(8*(5-len(parts))) {
			return netip.Addr{}, false
		}
		if last {
			value = value<<(8*(5-len(parts))) | n
		} else {
			value = value<<8 | n
		}
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), true
}

func aNumber(part string) (uint64, bool) {
	base, digits := 10, part
	if hex, ok := strings.CutPrefix(strings.ToLower(part), "0x"); ok {
		base, digits = 16, hex
		if digits == "" {
			return 0, true // some read a bare 0x as zero
		}
	} else if len(part) > 1 && part[0] == '0' {
		base, digits = 8, part[1:]
	}
	n, err := strconv.ParseUint(digits, base, 64)
	return n, err == nil
}
