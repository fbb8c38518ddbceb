package egress_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"hooktree/webhooks/egress"
)

// forbidden are addresses that nobody outside may make hooktree reach.
var forbidden = strings.Fields(`
	0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.254 100.64.0.1 100.100.100.200 100.127.255.254
	127.0.0.1 127.0.0.53 127.1.2.3 127.255.255.254 169.254.0.1 169.254.169.123 169.254.169.254 169.254.170.2
	172.16.0.1 172.17.0.1 172.31.255.254 192.0.0.1 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1
	192.168.0.1 192.168.1.1 192.168.255.254 192.175.48.1 198.18.0.1 198.19.255.254 198.51.100.1 203.0.113.1
	224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 168.63.129.16
	:: ::1 ::2 ::7f00:1 fe80::1 fec0::1 fc00::1 fd00::1 fd00:ec2::254 fd20:ce::254 ff02::1 ff05::2
	64:ff9b::7f00:1 64:ff9b:1::a00:1 100::1 2001::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1
	2620:4f:8000::1 3fff::1 4000::1 5f00::1`)

// What is asked before a dial refuses the same addresses, in the same words.
func TestCheckTellsWhatADialWould(t *testing.T) {
	t.Parallel()

	gate := egress.New(egress.Config{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")}})
	ask := func(text string) error {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return gate.Check(u)
	}
	for _, text := range forbidden {
		addr := netip.MustParseAddr(text)
		if netip.MustParsePrefix("fd00::/8").Contains(addr) {
			continue
		}
		if err := ask("http://" + literal(addr) + "/hook"); err == nil || !strings.Contains(err.Error(), "refused to connect") {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{
		"http://localhost/", "http://LOCALHOST:8080/", "http://a.localhost/", "http://2130706433/", "http://0x7f.1/", "http://127.1/",
		"http://[::ffff:127.0.0.1]/", "http://[fe80::1%25eth0]/", "ftp://example.com/", "http://127.0.0.1./", "http://①.example/",
	} {
		if err := ask(text); err == nil {
			t.Errorf("%s is let through", text)
		}
	}
	for _, text := range []string{
		"http://10.1.2.3/", "http://[fd00::7]:90/", "https://93.184.216.34/", "https://example.com/", "https://localhost.example.com/",
	} {
		if err := ask(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	gate.Allow([]netip.Prefix{netip.MustParsePrefix("::1/128")})
	if err := ask("http://localhost/"); err != nil {
		t.Errorf("of this machine one address is allowed: %v", err)
	}
	if err := ask("http://10.1.2.3/"); err == nil {
		t.Error("an address is let through that is not allowed any more")
	}
}

// disguise writes a URL that leads to an address by some reader's lights; empty
// where the address has no such dress.
type disguise struct {
	name  string
	dress func(z *zone, addr netip.Addr) string
}

func hostURL(host string) string { return "http://" + host + "/hook" }

func literal(addr netip.Addr) string {
	if addr.Is4() {
		return addr.String()
	}
	return "[" + addr.String() + "]"
}

// only4 limits a dress to IPv4.
func only4(dress func(b [4]byte) string) func(*zone, netip.Addr) string {
	return func(_ *zone, addr netip.Addr) string {
		if !addr.Is4() {
			return ""
		}
		return hostURL(dress(addr.As4()))
	}
}

func number(b [4]byte) uint32 {
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

func asName(z *zone, addr netip.Addr) string {
	name := "n" + strings.NewReplacer(".", "-", ":", "-").Replace(addr.String()) + "z.example.test"
	z.put(name, []netip.Addr{addr})
	return hostURL(name)
}

var disguises = []disguise{
	{"as it is", func(_ *zone, a netip.Addr) string { return hostURL(literal(a)) }},
	{"on another port", func(_ *zone, a netip.Addr) string { return hostURL(literal(a) + ":8443") }},
	{"behind a name", asName},
	{"behind user and password", func(_ *zone, a netip.Addr) string { return hostURL("example.com:x@" + literal(a)) }},
	{"behind a redirect", nil}, // made in the test
	{"with a zone", func(_ *zone, a netip.Addr) string {
		if a.Is4() {
			return ""
		}
		return hostURL("[" + a.String() + "%25eth0]")
	}},
	{"one decimal number", only4(func(b [4]byte) string { return fmt.Sprint(number(b)) })},
	{"one hexadecimal number", only4(func(b [4]byte) string { return fmt.Sprintf("0x%x", number(b)) })},
	{"one octal number", only4(func(b [4]byte) string { return fmt.Sprintf("0%o", number(b)) })},
	{"octal parts", only4(func(b [4]byte) string { return fmt.Sprintf("0%o.0%o.0%o.0%o", b[0], b[1], b[2], b[3]) })},
	{"hexadecimal parts", only4(func(b [4]byte) string { return fmt.Sprintf("0x%X.0x%x.0x%x.0x%x", b[0], b[1], b[2], b[3]) })},
	{"two parts", only4(func(b [4]byte) string { return fmt.Sprintf("%d.%d", b[0], number(b)&0xffffff) })},
	{"three parts", only4(func(b [4]byte) string { return fmt.Sprintf("%d.%d.%d", b[0], b[1], number(b)&0xffff) })},
	{"leading zeros", only4(func(b [4]byte) string { return fmt.Sprintf("%03d.%03d.%03d.%03d", b[0], b[1], b[2], b[3]) + "." })},
	{"a dot at the end", only4(func(b [4]byte) string { return netip.AddrFrom4(b).String() + "." })},
	{"digits of full width", only4(func(b [4]byte) string {
		return strings.Map(func(r rune) rune {
			if r == '.' {
				return '。'
			}
			return r - '0' + '０'
		}, netip.AddrFrom4(b).String())
	})},
	{"percent-encoded", only4(func(b [4]byte) string {
		var text strings.Builder
		for _, c := range []byte(netip.AddrFrom4(b).String()) {
			fmt.Fprintf(&text, "%%%02x", c)
		}
		return text.String()
	})},
	{"mapped into IPv6", only4(func(b [4]byte) string { return "[::ffff:" + netip.AddrFrom4(b).String() + "]" })},
	{"compatible with IPv6", only4(func(b [4]byte) string { return "[::" + netip.AddrFrom4(b).String() + "]" })},
	{"translated by NAT64", only4(func(b [4]byte) string { return "[64:ff9b::" + netip.AddrFrom4(b).String() + "]" })},
	{"tunneled by 6to4", only4(func(b [4]byte) string { return fmt.Sprintf("[2002:%02x%02x:%02x%02x::1]", b[0], b[1], b[2], b[3]) })},
	{"a name for its mapped form", func(z *zone, a netip.Addr) string {
		if !a.Is4() {
			return ""
		}
		return asName(z, netip.AddrFrom16(a.As16()))
	}},
	{"a name for its NAT64 form", func(z *zone, a netip.Addr) string {
		if !a.Is4() {
			return ""
		}
		b := a.As4()
		wide := netip.MustParseAddr("64:ff9b::").As16()
		copy(wide[12:], b[:])
		return asName(z, netip.AddrFrom16(wide))
	}},
}

func TestNoForbiddenAddressGetsThroughInAnyDisguise(t *testing.T) {
	t.Parallel()
	z := newZone()
	gate := egress.New(egress.Config{Resolver: z.resolver()})
	client := gate.Client()

	worn := 0
	for _, d := range disguises {
		if d.dress == nil {
			continue
		}
		for _, text := range forbidden {
			target := d.dress(z, netip.MustParseAddr(text))
			if target == "" {
				continue
			}
			worn++
			if err := get(t, client, target); codeOf(err) != egress.CodeRefused {
				t.Errorf("%s %s (%s): got %v, want a refusal", text, d.name, target, err)
			}
		}
	}
	if len(forbidden) < 50 || len(disguises) < 10 || worn < 500 {
		t.Errorf("tried %d addresses in %d disguises, %d requests: too few", len(forbidden), len(disguises), worn)
	}
}

func TestNoForbiddenAddressIsReachedByARedirect(t *testing.T) {
	t.Parallel()
	var target string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target, http.StatusFound)
	}))
	t.Cleanup(server.Close)
	gate := egress.New(egress.Config{Allow: loopbackOnly(t)})
	client := gate.Client()
	client.CheckRedirect = nil // follow, as a careless caller might

	for _, text := range forbidden {
		if text == "127.0.0.1" {
			continue // where the server is
		}
		target = hostURL(literal(netip.MustParseAddr(text)))
		if err := get(t, client, server.URL); codeOf(err) != egress.CodeRefused {
			t.Errorf("redirect to %s: got %v, want a refusal", target, err)
		}
	}
}

func TestANameThatChangesItsMindGainsNothing(t *testing.T) {
	t.Parallel()
	public, private := netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("10.0.0.7")
	z := newZone()
	z.put("rebind.example.test", []netip.Addr{public}, []netip.Addr{private})
	gate := egress.New(egress.Config{Resolver: z.resolver()})

	first, err := z.resolver().LookupNetIP(context.Background(), "ip4", "rebind.example.test")
	if err != nil || len(first) != 1 || first[0].Unmap() != public {
		t.Fatalf("the first look-up gave %v, %v; want %v", first, err, public)
	}
	err = get(t, gate.Client(), "http://rebind.example.test/")
	refused := refusedOf(err)
	if refused == nil || refused.Address != private.String() || refused.Host != "rebind.example.test" {
		t.Errorf("got %v, want a refusal of %v by name", err, private)
	}
}

func TestANameWithAForbiddenAndAnAllowedAddressReachesTheAllowedOne(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, r.Context().Value(http.LocalAddrContextKey))
	}))
	t.Cleanup(server.Close)
	z := newZone()
	z.put("mixed.example.test", []netip.Addr{netip.MustParseAddr("10.0.0.7"), netip.MustParseAddr("127.0.0.1")})
	gate := egress.New(egress.Config{Allow: loopbackOnly(t), Resolver: z.resolver()})

	if err := get(t, gate.Client(), "http://mixed.example.test:"+portOf(t, server)); err != nil {
		t.Errorf("got %v, want the answer of the allowed address", err)
	}
}

func TestARefusalSaysWhatToAllow(t *testing.T) {
	t.Parallel()
	err := get(t, egress.New(egress.Config{}).Client(), "http://192.168.7.9:8080/")
	for _, want := range []string{"192.168.7.9", "private", "egress: {allow: [192.168.7.9/32]}"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v lacks %q", err, want)
		}
	}
}

func TestOtherProtocolsAreGuardedToo(t *testing.T) {
	t.Parallel()
	_, err := egress.New(egress.Config{}).DialContext(context.Background(), "tcp", "127.0.0.1:25")
	if codeOf(err) != egress.CodeRefused {
		t.Errorf("dial loopback: got %v, want a refusal", err)
	}
	_, err = egress.New(egress.Config{}).DialContext(context.Background(), "unix", "/run/some.sock")
	if codeOf(err) != egress.CodeRefused {
		t.Errorf("dial a unix socket: got %v, want a refusal", err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	conn, err := egress.New(egress.Config{Allow: loopbackOnly(t)}).DialContext(context.Background(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatalf("dial an allowed address: %v", err)
	}
	_ = conn.Close()
}

func TestAllowListsAreReadWithTheEntryAtFault(t *testing.T) {
	t.Parallel()
	tests := []struct{ entry, want string }{
		{"10.1.0.0/16", "10.1.0.0/16"},
		{"10.1.2.3", "10.1.2.3/32"},
		{"fd00::/8", "fd00::/8"},
		{"::1", "::1/128"},
		{"10.1.2.3/16", `egress.allow[0]: "10.1.2.3/16" has bits beyond its length: write 10.1.0.0/16`},
		{"localhost", `egress.allow[0]: "localhost" is not an address: write an address or a prefix, such as 10.1.2.3 or 10.1.0.0/16`},
		{"10.0.0.0/33", `egress.allow[0]: "10.0.0.0/33" is not a prefix: write an address or a prefix, such as 10.1.2.3 or 10.1.0.0/16`},
		{"::ffff:10.0.0.1", `egress.allow[0]: "::ffff:10.0.0.1" is IPv4 in the dress of IPv6: write 10.0.0.1`},
		{"fe80::1%eth0", `egress.allow[0]: "fe80::1%eth0" has a zone, which no prefix can hold: write an address or a prefix, such as 10.1.2.3 or 10.1.0.0/16`},
		{"", `egress.allow[0]: "" is not an address: write an address or a prefix, such as 10.1.2.3 or 10.1.0.0/16`},
	}
	for _, tt := range tests {
		t.Run(tt.entry, func(t *testing.T) {
			t.Parallel()
			prefixes, err := egress.ParseAllow([]string{tt.entry})
			got := fmt.Sprint(err)
			if err == nil {
				got = prefixes[0].String()
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func get(t *testing.T, client *http.Client, target string) error {
	t.Helper()
	req := &http.Request{Method: http.MethodGet, Header: http.Header{}}
	u, err := url.Parse(target)
	if err != nil { // not even a URL: nothing gets through
		return &egress.Refused{Host: target, Reason: err.Error()}
	}
	req.URL = u
	resp, err := client.Do(req.WithContext(t.Context()))
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func codeOf(err error) egress.Code {
	if fault := egress.Classify(err); fault != nil {
		return fault.Kind
	}
	return ""
}

func loopbackOnly(t *testing.T) []netip.Prefix {
	t.Helper()
	prefixes, err := egress.ParseAllow([]string{"127.0.0.1/32"})
	if err != nil {
		t.Fatal(err)
	}
	return prefixes
}

func portOf(t *testing.T, server *httptest.Server) string {
	t.Helper()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
