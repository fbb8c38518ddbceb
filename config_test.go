package main

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// parseConfig parses args as serve would.
func parseConfig(t *testing.T, args ...string) (*Config, error) {
	t.Helper()

	var target struct{ Config }
	parser, err := newParser(&target)
	if err != nil {
		t.Fatalf("newParser: %v", err)
	}
	_, err = parser.Parse(args)
	return &target.Config, err
}

// writeConfig writes a config file and returns its name.
func writeConfig(t *testing.T, text string) string {
	t.Helper()

	name := filepath.Join(t.TempDir(), "hooktree.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestConfig_defaultsWork(t *testing.T) {
	t.Parallel()

	got, err := parseConfig(t)
	if err != nil {
		t.Fatalf("no flags: %v", err)
	}
	want := &Config{
		Space: ".", Data: "data", Listen: "127.0.0.1:8470",
		BodyLimit: 4_000_000, WriterQueue: 4096, MinFreeDisk: 256_000_000, Workers: 64,
		RetentionAge: Age(90 * 24 * time.Hour), RetentionBytes: 10_000_000_000,
		StopTimeout: 10 * time.Second, LogLevel: slog.LevelInfo, LogFormat: "text",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestConfig_refusesWhatCannotWork(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name string
		args string
		want string // part of the error; empty for none
	}{
		{"loopback", "--listen=127.0.0.1:0", ""},
		{"another loopback address", "--listen=127.9.9.9:80", ""},
		{"loopback by name", "--listen=localhost:80", ""},
		{"loopback in IPv6", "--listen=[::1]:80", ""},
		{"every address", "--listen=0.0.0.0:80", "listen: 0.0.0.0:80 is reachable from other machines"},
		{"every address in IPv6", "--listen=[::]:80", "passwords and tokens would cross the network in clear"},
		{"every address by leaving it out", "--listen=:80", "set tls-cert and tls-key"},
		{"another machine's name", "--listen=flows.example.com:80", "or listen on a loopback address"},
		{"every address with TLS", "--listen=:443 --tls-cert=a --tls-key=b", ""},
		{"every address behind a proxy", "--listen=:80 --behind-proxy", ""},
		{"an address without a port", "--listen=127.0.0.1", "is not HOST:PORT"},
		{"an address with an empty port", "--listen=127.0.0.1:", "is not HOST:PORT"},
		{"a certificate without its key", "--tls-cert=a", "one is set without the other"},
		{"a key without its certificate", "--tls-key=a", "one is set without the other"},
		{"a proxy that is believed", "--behind-proxy --trusted-proxies=10.0.0.0/8", ""},
		{"a proxy that is not there", "--trusted-proxies=10.0.0.0/8", "set behind-proxy too"},
		{"a network that is none", "--egress-allow=10.0.0.0", "no '/'"},
		{"a public address", "--public-url=https://flows.example.com/hooks", ""},
		{"a public address without a scheme", "--public-url=flows.example.com", "public-url"},
		{"a public address with a query", "--public-url=https://flows.example.com?a=b", "public-url"},
		{"a tiny body limit", "--body-limit=1kB", "body-limit: 1000 is too small; the least that works is 1024"},
		{"no workers", "--workers=0", "workers: 0 is too small"},
		{"a size in words", "--retention-bytes=much", `"much" is not a size such as 512kB`},
		{"a size past all disks", "--retention-bytes=16EB", "is not a size"},
		{"an age in words", "--retention-age=long", `"long" is not an age such as 90d`},
		{"a negative age", "--retention-age=-1h", "is not an age"},
		{"an age past all clocks", "--retention-age=99999999d", "is not an age"},
		{"no time to stop", "--stop-timeout=0s", "stop-timeout"},
		{"an unknown log format", "--log-format=xml", "must be one of"},
		{"an unknown log level", "--log-level=loud", "loud"},
		{"two faults at once: the first", "--workers=0 --listen=:80", "is reachable from other machines"},
		{"two faults at once: the second", "--workers=0 --listen=:80", "workers: 0 is too small"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			_, err := parseConfig(t, strings.Fields(tt.args)...)
			checkError(t, err, tt.want)
		})
	}
}

// checkError wants an error with want in it, or none where want is empty.
func checkError(t *testing.T, err error, want string) {
	t.Helper()

	switch {
	case want == "" && err != nil:
		t.Errorf("err = %v; want none", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("err = %v; want one with %q", err, want)
	}
}

func TestConfig_readsUnits(t *testing.T) {
	t.Parallel()

	got, err := parseConfig(t, "--retention-age=36h", "--retention-bytes=1GiB", "--body-limit=2MB", "--log-level=DEBUG")
	if err != nil {
		t.Fatal(err)
	}
	want := []any{Age(36 * time.Hour), Size(1 << 30), Size(2_000_000), slog.LevelDebug}
	if diff := cmp.Diff(want, []any{got.RetentionAge, got.RetentionBytes, got.BodyLimit, got.LogLevel}); diff != "" {
		t.Errorf("units (-want +got):\n%s", diff)
	}
}

func TestConfig_flagBeatsEnvironmentBeatsFile(t *testing.T) {
	file := writeConfig(t, "workers: 1\nwriter-queue: 1\nbody-limit: 1MB\negress-allow: [10.0.0.0/8, 127.0.0.1/32]\nbehind-proxy: true\n")
	t.Setenv("HOOKTREE_CONFIG", file)
	t.Setenv("HOOKTREE_WORKERS", "2")
	t.Setenv("HOOKTREE_WRITER_QUEUE", "2")
	t.Setenv(adminPasswordEnv, "correct horse")

	got, err := parseConfig(t, "--workers=3")
	if err != nil {
		t.Fatal(err)
	}
	if got.Workers != 3 || got.WriterQueue != 2 || got.BodyLimit != 1_000_000 || !got.BehindProxy {
		t.Errorf("workers %d, writer-queue %d, body-limit %d, behind-proxy %t; want 3 of the flag, 2 of the environment, "+
			"1000000 and true of the file", got.Workers, got.WriterQueue, got.BodyLimit, got.BehindProxy)
	}
	wantAllow := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32")}
	if diff := cmp.Diff(wantAllow, got.EgressAllow, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("egress-allow (-want +got):\n%s", diff)
	}
	if got.AdminPassword != "correct horse" || got.AdminPassword.String() != "•••" {
		t.Errorf("admin password is %q and shows as %s; want the environment's, hidden", string(got.AdminPassword), got.AdminPassword)
	}
}

func TestConfig_pointsIntoTheFile(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name string
		text string
		want string // part of the error; empty for none
	}{
		{"an empty file", "", ""},
		{"comments alone", "# nothing\n", ""},
		{"a setting", "workers: 7\n", ""},
		{"an unknown setting", "workers: 7\nlisten-on: x\n", `hooktree.yaml:2: there is no setting "listen-on"; there are: behind-proxy`},
		{"a setting without a key", "admin-password: x\n", `there is no setting "admin-password"`},
		{"a setting twice", "workers: 7\nworkers: 8\n", "hooktree.yaml:2: workers is set twice"},
		{"a wrong type", "\nworkers: many\n", "hooktree.yaml:2:"},
		{"a wrong unit", "\nretention-age: long\n", `hooktree.yaml:2: --retention-age: "long" is not an age`},
		{"a mapping for a value", "workers: {a: 1}\n", "hooktree.yaml:1: a setting is a plain value"},
		{"a nested list", "egress-allow: [[10.0.0.0/8]]\n", "hooktree.yaml:1: a list of settings holds plain values"},
		{"a list at the top", "- workers\n", "hooktree.yaml:1: settings are written as lines of NAME: VALUE"},
		{"no YAML", "workers: [\n", "hooktree.yaml: yaml: line"},
		{"a value that can't work", "workers: 0\n", "workers: 0 is too small"},
		{"an endless file", strings.Repeat("# more\n", 1<<18), "larger than a config file may be"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			_, err := parseConfig(t, "--config", writeConfig(t, tt.text))
			checkError(t, err, tt.want)
		})
	}
}

// FuzzConfigFile feeds any bytes as a config file: they are settings with a
// place each, or an error.
func FuzzConfigFile(f *testing.F) {
	f.Add("workers: 7\negress-allow: [10.0.0.0/8]\n")
	f.Add("a: &a [*a]\n? {b: c}\n: d\n")
	f.Add("--- \n...\n")
	f.Fuzz(func(t *testing.T, text string) {
		resolver, err := loadConfigFile(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, s := range resolver.(*configFile).lines {
			if s.line < 1 || resolver.(*configFile).settings[s.name] == nil {
				t.Errorf("setting %q at line %d has no place or no value", s.name, s.line)
			}
		}
	})
}
