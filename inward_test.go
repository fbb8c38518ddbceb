package main_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// inward are addresses that nobody outside may make a server reach: private
// networks, this machine, its neighbors, and what clouds tell their machines.
var inward = strings.Fields(`
	0.0.0.0 10.0.0.1 10.255.255.254 100.64.0.1 100.100.100.200 127.0.0.1 127.0.0.53 127.255.255.254
	168.63.129.16 169.254.0.23 169.254.42.42 169.254.169.254 169.254.170.2 172.16.0.1 172.17.0.1 172.31.255.254
	192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.254 198.18.0.1 198.51.100.1 203.0.113.1
	224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
	:: ::1 ::7f00:1 fe80::1 fe80::a9fe:a9fe fec0::1 fc00::1 fd00::1 fd00:c1::a9fe:a9fe fd00:ec2::254 fd00:42::42 fd20:ce::254
	ff02::1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::a00:1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2
	2001:db8::1 2002:7f00:1::1 2002:a9fe:a9fe:: 3fff::1 5f00::1 ::ffff:0:7f00:1`)

// clad are the spellings of an address in URLs, as far as it has them.
func clad(addr netip.Addr) []string {
	if addr.Is6() {
		return []string{
			"[" + addr.String() + "]", "[" + addr.String() + "]:8443", "[" + addr.String() + "%25eth0]",
			"[" + addr.StringExpanded() + "]", "example.com@[" + addr.String() + "]",
		}
	}
	b := addr.As4()
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	wide := strings.Map(func(r rune) rune {
		if r == '.' {
			return '。'
		}
		return r - '0' + '０'
	}, addr.String())
	return []string{
		addr.String(), addr.String() + ":8443", addr.String() + ".", "example.com@" + addr.String(), "example.com:80@" + addr.String(),
		fmt.Sprint(n), fmt.Sprintf("0x%x", n), fmt.Sprintf("0%o", n),
		fmt.Sprintf("0%o.%d.%d.%d", b[0], b[1], b[2], b[3]), fmt.Sprintf("0x%x.%d.%d.0x%X", b[0], b[1], b[2], b[3]),
		fmt.Sprintf("%d.%d", b[0], n&0xffffff), fmt.Sprintf("%d.%d.%d", b[0], b[1], n&0xffff), fmt.Sprintf("%03d.%03d.%03d.%03d", b[0], b[1], b[2], b[3]),
		wide, strings.ReplaceAll(addr.String(), ".", "%2e"),
		"[::ffff:" + addr.String() + "]", "[::" + addr.String() + "]", "[::ffff:0:" + addr.String() + "]", "[64:ff9b::" + addr.String() + "]", "[64:ff9b:1::" + addr.String() + "]",
		fmt.Sprintf("[2002:%02x%02x:%02x%02x::1]", b[0], b[1], b[2], b[3]), fmt.Sprintf("[2001:0:%02x%02x:%02x%02x::]", b[0], b[1], b[2], b[3]),
	}
}

func TestServe_takesNoSubscriptionThatLeadsInward(t *testing.T) {
	t.Parallel()
	b := newBinary(t, map[string]string{"space.yaml": "slug: inward\n"})
	b.start()
	token := b.token("operator")
	hosts := []string{"localhost", "LOCALHOST:8080", "a.localhost", "localhost."}
	for _, text := range inward {
		hosts = append(hosts, clad(netip.MustParseAddr(text))...)
	}
	for _, host := range hosts {
		body := fmt.Sprintf(`{"event":"submission.submitted","target_url":%q}`, "http://"+host+"/hook")
		status, answer, err := b.call(http.MethodPost, "/api/v1/hooks", body, bearer(token))
		if err != nil || status < 400 || status >= 500 {
			t.Errorf("http://%s/hook: %d %s, %v; want a refusal", host, status, answer, err)
		}
	}
	var listed struct{ Total *int }
	b.must(http.StatusOK, "GET /api/v1/hooks", "", token, &listed)
	if listed.Total == nil || *listed.Total != 0 || len(inward) < 50 || len(hosts) < 500 {
		t.Errorf("of %d addresses in %d spellings %v are subscribed to; want none", len(inward), len(hosts), listed.Total)
	}
	b.stop()
}

// A proxy of the environment would dial in the server's stead, where its guard
// cannot see. Go passes proxies by for 127.0.0.1, and not for 0.0.0.0.
func TestServe_deliversThroughNoProxyOfTheEnvironment(t *testing.T) {
	t.Parallel()
	var proxied atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied.Add(1) }))
	t.Cleanup(proxy.Close)
	address, came := outside(t)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(address, "http://"))

	b := newBinary(t, map[string]string{"space.yaml": "slug: proxy\negress: {allow: [0.0.0.0]}\n"})
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		b.env = append(b.env, name+"="+proxy.URL)
	}
	b.env = append(b.env, "NO_PROXY=", "no_proxy=")
	b.start()
	token := b.token("operator")
	b.must(http.StatusCreated, "POST /api/v1/hooks", fmt.Sprintf(`{"event":"submission.submitted","target_url":"http://0.0.0.0:%s/direct"}`, port), token, nil)
	b.must(http.StatusAccepted, "POST /api/v1/events", submitted, token, nil)
	next(t, came, "/direct")
	if n := proxied.Load(); n != 0 {
		t.Errorf("%d requests went to the proxy; want none", n)
	}
	b.stop()
}

// untilRefused asks again and again, until this machine is not let through any
// more.
func (b *binary) untilRefused(token string) {
	b.t.Helper()
	limit := time.Now().Add(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		hook := fmt.Sprintf(`{"event":"submission.updated","target_url":"http://127.0.0.1/%d"}`, n)
		status, answer, err := b.call(http.MethodPost, "/api/v1/hooks", hook, bearer(token))
		switch {
		case err != nil || time.Now().After(limit):
			b.t.Fatalf("the guard lets this machine through still: %d %s, %v", status, answer, err)
		case status >= 400:
			return
		}
		<-tick.C
	}
}

// An address may be allowed when it is given and not any more when it is
// dialed. A connection that is still open is no way around that.
func TestServe_asksTheGuardWhenItDials(t *testing.T) {
	t.Parallel()
	address, came := outside(t)
	const open, closed = "slug: dial\negress: {allow: [127.0.0.1]}\n", "slug: dial\negress: {allow: [127.0.0.2]}\n"
	b := newBinary(t, map[string]string{"space.yaml": open})
	b.start()
	token := b.token("operator")
	hook := fmt.Sprintf(`{"event":"submission.submitted","target_url":%q}`, address+"/hook")
	b.must(http.StatusCreated, "POST /api/v1/hooks", hook, token, nil)
	b.must(http.StatusAccepted, "POST /api/v1/events", submitted, token, nil)
	next(t, came, "/hook")

	b.write("space.yaml", closed)
	b.untilRefused(token)
	var told struct {
		Events []struct{ Jobs []struct{ ID string } }
	}
	b.must(http.StatusAccepted, "POST /api/v1/events", submitted, token, &told)
	b.until("GET /api/v1/jobs/"+told.Events[0].Jobs[0].ID, token, http.StatusOK, `"status":"Failed"`)
	var job tried
	b.must(http.StatusOK, "GET /api/v1/jobs/"+told.Events[0].Jobs[0].ID, "", token, &job)
	if !strings.Contains(job.Summary, "refused to connect") || !strings.Contains(job.Summary, "loopback") || len(job.Attempts) != 1 {
		t.Errorf("after %d attempts the job says %q; want one that the guard refused", len(job.Attempts), job.Summary)
	}
	select {
	case a := <-came:
		t.Errorf("the endpoint got %s; want nothing once it is not allowed", a.body)
	default:
	}
	b.stop()
}
