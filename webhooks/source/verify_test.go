package source_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/source"
)

const paid = `{"id":"evt_1","type":"invoice.paid","data":{"object":{"id":"in_1"}}}`

func TestVerify_takesWhatTheProviderSigned(t *testing.T) {
	t.Parallel()

	for _, s := range schemes {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()

			of := one(t, s.source)
			for name, want := range map[string]struct {
				secret string
				err    error
			}{
				"by the new secret":      {secretA, nil},
				"by the old secret":      {secretB, nil},
				"by another secret":      {"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", delivery.ErrMismatch},
				"by a longer secret":     {secretA + "BBBB", delivery.ErrMismatch},
				"by a part of a secret":  {secretA[:len(secretA)-4], delivery.ErrMismatch},
				"by nothing of a secret": {"whsec_", delivery.ErrMismatch},
			} {
				r := sent(paid)
				s.sign(r, want.secret)
				if err := of.Verify(r, secrets, noon); !errors.Is(err, want.err) || (err == nil) != (want.err == nil) {
					t.Errorf("%s: got %v; want %v", name, err, want.err)
				}
			}
			if err := of.Verify(sent(paid), secrets, noon); !errors.Is(err, delivery.ErrUnsigned) {
				t.Errorf("unsigned: got %v", err)
			}
			r := sent(paid)
			s.sign(r, secretA)
			r.Body = []byte(strings.Replace(paid, "in_1", "in_2", 1))
			if err := of.Verify(r, secrets, noon); (err != nil) != s.signs() {
				t.Errorf("with another body: got %v", err)
			}
			nothing := func(string) (string, bool) { return "", true }
			if err := of.Verify(r, nothing, noon); !errors.Is(err, delivery.ErrNoSecret) || !strings.Contains(err.Error(), "A, B") {
				t.Errorf("without a value for the secrets: got %v; want their names", err)
			}
			if missing := of.Missing(nothing); !slices.Equal(missing, []string{"A", "B"}) {
				t.Errorf("missing are %v", missing)
			}
			onlyB := func(name string) (string, bool) { return secretB, name == "B" }
			if missing := of.Missing(onlyB); missing != nil {
				t.Errorf("with one of two values, missing are %v", missing)
			}
		})
	}
}

// What the providers' documents give as examples.
func TestVerify_agreesWithPublishedExamples(t *testing.T) {
	t.Parallel()

	const (
		slackSecret = "8f742231b10e8888abcd99yyyzzz85a5"
		slackBody   = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
			"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands" +
			"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	)
	tests := []struct {
		name, source, secret string
		request              source.Request
		now                  time.Time
	}{
		{
			// "Validating webhook deliveries", testing the validation.
			"GitHub's Hello, World!", "s: {kind: github, secret: A}", "It's a Secret to Everybody",
			sent("Hello, World!", "X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"), noon,
		},
		{
			// "Verifying requests from Slack".
			"Slack's slash command", "s: {kind: slack, secret: A}", slackSecret,
			sent(slackBody, "X-Slack-Request-Timestamp", "1531420618", "X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
			time.Unix(1531420618, 0),
		},
		{
			// The specification of Standard Webhooks, in its libraries' tests.
			"Standard Webhooks' test payload", "s: {kind: standard, secret: A}", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
			sent(`{"test": 2432232314}`, "Webhook-Id", "msg_p5jXN8AQM9LWM0D4loKWxJek", "Webhook-Timestamp", "1614265330",
				"Webhook-Signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
			time.Unix(1614265330, 0),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			of := one(t, tt.source)
			known := func(string) (string, bool) { return tt.secret, true }
			if err := of.Verify(tt.request, known, tt.now); err != nil {
				t.Errorf("got %v", err)
			}
			tt.request.Body = append(tt.request.Body, ' ')
			if err := of.Verify(tt.request, known, tt.now); !errors.Is(err, delivery.ErrMismatch) {
				t.Errorf("with a blank more: got %v", err)
			}
		})
	}
}

// A provider may sign by a key of its own, of which only the public half is
// known here.
func TestVerify_takesAPublicKeyOfStandardWebhooks(t *testing.T) {
	t.Parallel()

	private, public := delivery.NewStandardPair(rand.Reader)
	key, err := delivery.ParseStandardPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	of := one(t, "s: {kind: standard, secrets: [A, B]}")
	known := func(name string) (string, bool) {
		return map[string]string{"A": secretA, "B": public}[name], true // while one way to sign is changed for another
	}
	stamp := strconv.FormatInt(noon.Unix(), 10)
	r := sent(paid, "Webhook-Id", "d1", "Webhook-Timestamp", stamp, "Webhook-Signature", delivery.StandardPairSignature(key, "d1", stamp, []byte(paid)))
	if err := of.Verify(r, known, noon); err != nil {
		t.Errorf("as signed: got %v", err)
	}
	r.Body = append(r.Body, ' ')
	if err := of.Verify(r, known, noon); !errors.Is(err, delivery.ErrMismatch) {
		t.Errorf("with a blank more: got %v", err)
	}
	broken := func(string) (string, bool) { return "whpk_nothing", true }
	if err := of.Verify(r, broken, noon); !errors.Is(err, delivery.ErrNoSecret) {
		t.Errorf("by what is no key: got %v; want that there is none", err)
	}
}

// Where a time is signed, deliveries that are recorded cannot be sent again
// later.
func TestVerify_keepsToTheTolerance(t *testing.T) {
	t.Parallel()

	for _, s := range schemes {
		if !slices.Contains([]string{"stripe", "slack", "standard", "hmac over a time"}, s.name) {
			continue
		}
		for _, set := range []struct {
			key  string
			most time.Duration
		}{{"", 5 * time.Minute}, {", tolerance: 30s", 30 * time.Second}} {
			of := one(t, strings.TrimSuffix(s.source, "}")+set.key+"}")
			r := sent(paid)
			s.sign(r, secretA)
			for after, want := range map[time.Duration]error{
				0: nil, set.most: nil, -set.most: nil, set.most + time.Second: delivery.ErrStale, -set.most - time.Second: delivery.ErrStale,
				1e9 * time.Second: delivery.ErrStale,
			} {
				if err := of.Verify(r, secrets, noon.Add(after)); !errors.Is(err, want) {
					t.Errorf("%s%s, %s later: got %v; want %v", s.name, set.key, after, err, want)
				}
			}
		}
	}
}

func TestVerify_readsStripesListOfSignatures(t *testing.T) {
	t.Parallel()

	of := one(t, "s: {kind: stripe, secrets: [A, B]}")
	stamp := strconv.FormatInt(noon.Unix(), 10)
	good := mac(sha256.New, secretB, stamp+"."+paid)
	for _, tt := range []struct {
		name, list string
		want       error
	}{
		{"one", "t=" + stamp + ",v1=" + good, nil},
		{"with blanks", "t=" + stamp + ", v1=" + good, nil},
		{"a bad one before it", "t=" + stamp + ",v1=00,v1=" + good, nil},
		{"a bad one after it", "t=" + stamp + ",v1=" + good + ",v1=00", nil},
		{"another scheme beside it", "t=" + stamp + ",v1=" + good + ",v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39", nil},
		{"another scheme alone", "t=" + stamp + ",v0=" + good, delivery.ErrMismatch},
		{"no signature", "t=" + stamp, delivery.ErrMismatch},
		{"no time", "v1=" + good, delivery.ErrMalformed},
		{"a time that is no number", "t=now,v1=" + good, delivery.ErrMalformed},
		{"the same time spelled otherwise", "t=+" + stamp + ",v1=" + good, delivery.ErrMismatch},
		{"in capitals", "t=" + stamp + ",v1=" + strings.ToUpper(good), delivery.ErrMismatch},
		{"a flood", "t=" + stamp + strings.Repeat(",v1=00", 20) + ",v1=" + good, delivery.ErrMalformed},
		{"nonsense", "===,,,", delivery.ErrMalformed},
	} {
		if err := of.Verify(sent(paid, "Stripe-Signature", tt.list), secrets, noon); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v; want %v", tt.name, err, tt.want)
		}
	}
}

func TestVerify_wantsTheTokenInTheAddress(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		name, source, token string
		want                error
	}{
		{"the token", "s: {kind: keap, token: A}", secretA, nil},
		{"one of two", "s: {kind: keap, tokens: [A, B]}", secretB, nil},
		{"no token", "s: {kind: keap, token: A}", "", delivery.ErrUnsigned},
		{"another", "s: {kind: keap, token: A}", secretB, delivery.ErrMismatch},
		{"a part of it", "s: {kind: keap, token: A}", secretA[:10], delivery.ErrMismatch},
		{"none where all may send", "s: {kind: keap, open: true}", "", nil},
		{"a token without the signature beside it", "s: {kind: github, secret: B, token: A}", secretA, delivery.ErrUnsigned},
		{"a token that has no value", "s: {kind: keap, token: A}", secretA, delivery.ErrNoSecret},
	} {
		of := one(t, tt.source)
		r := sent("{}")
		r.Query.Set("token", tt.token)
		known := source.Secrets(secrets)
		if errors.Is(tt.want, delivery.ErrNoSecret) {
			known = func(string) (string, bool) { return "", false }
		}
		if err := of.Verify(r, known, noon); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v; want %v", tt.name, err, tt.want)
		}
	}
	// A signature alone is not enough where a token is asked for.
	of := one(t, "s: {kind: github, secret: A, token: B}")
	r := sent(paid)
	schemes[0].sign(r, secretA)
	if err := of.Verify(r, secrets, noon); !errors.Is(err, delivery.ErrUnsigned) {
		t.Errorf("a signature without the token: got %v", err)
	}
	r.Query.Set("token", secretB)
	if err := of.Verify(r, secrets, noon); err != nil {
		t.Errorf("a signature with the token: got %v", err)
	}
}

func TestVerify_refusesCredentialsOfAnotherForm(t *testing.T) {
	t.Parallel()

	basic := "s: {kind: basic, user: door, secret: A}"
	pair := base64.StdEncoding.EncodeToString([]byte("door:" + secretA))
	for _, tt := range []struct {
		name, source, header, value string
		want                        error
	}{
		{"basic in another case", basic, "Authorization", "bAsIc " + pair, nil},
		{"another scheme", basic, "Authorization", "Bearer " + pair, delivery.ErrUnsigned},
		{"no base64", basic, "Authorization", "Basic ???", delivery.ErrMalformed},
		{"another user", basic, "Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("gate:"+secretA)), delivery.ErrMismatch},
		{"another access key", "s: {kind: kinetic, key: AK1, secret: A}", "X-Kinetic-SignatureKey", "AK2", delivery.ErrMismatch},
		{"a token without its prefix", "s: {kind: token, header: X-T, prefix: 'T ', secret: A}", "X-T", secretA, delivery.ErrMalformed},
		{"a signature without its prefix", "s: {kind: hmac, header: X-T, prefix: 'sha256=', secret: A}", "X-T", "00", delivery.ErrMalformed},
		{"a method that is not known", "s: {kind: accelo, secret: A}", "X-Hub-Signature", "md5=00", delivery.ErrMalformed},
	} {
		of := one(t, tt.source)
		if err := of.Verify(sent("{}", tt.header, tt.value), secrets, noon); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v; want %v", tt.name, err, tt.want)
		}
	}
}

// No bit of what is signed, or of a signature, can be flipped unseen.
func FuzzNoFlippedBitIsAccepted(f *testing.F) {
	f.Add([]byte(paid), uint(0), uint(3))
	f.Add([]byte(paid), uint(3), uint(60))
	f.Add([]byte{}, uint(1), uint(100))
	f.Add([]byte("v0:1:x"), uint(2), uint(7))
	sources := make([]source.Source, len(schemes))
	for i, s := range schemes {
		sources[i] = one(f, s.source)
	}
	f.Fuzz(func(t *testing.T, body []byte, part, bit uint) {
		for i, s := range schemes {
			if !s.signs() {
				continue
			}
			r := sent(string(body))
			signed := s.sign(r, secretA)
			if err := sources[i].Verify(r, secrets, noon); err != nil {
				t.Fatalf("%s as signed: %v", s.name, err)
			}
			if len(body) > 0 {
				bad := r
				bad.Body = flip(body, bit)
				if sources[i].Verify(bad, secrets, noon) == nil {
					t.Errorf("%s: bit %d of the body was flipped unseen", s.name, bit)
				}
			}
			name := signed[part%uint(len(signed))]
			bad := r
			bad.Header = r.Header.Clone()
			bad.Header.Set(name, string(flip([]byte(r.Header.Get(name)), bit)))
			if sources[i].Verify(bad, secrets, noon) == nil {
				t.Errorf("%s: %s: %q was accepted for %q", s.name, name, bad.Header.Get(name), r.Header.Get(name))
			}
		}
	})
}

func flip(data []byte, bit uint) []byte {
	changed := slices.Clone(data)
	bit %= uint(len(data) * 8)
	changed[bit/8] ^= 1 << (bit % 8)
	return changed
}
