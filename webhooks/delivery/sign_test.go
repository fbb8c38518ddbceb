package delivery_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
)

const (
	kineticSecret = "s3cr3t"
	kineticBody   = `{"submission":{"id":"1"}}`
	kineticSigned = "d6_oBLl4D9f0dL52eJ8QL_getwU" // made by the vendor's own handler

	plainSecret = "It's a Secret to Everybody" // GitHub's documented example
	plainBody   = "Hello, World!"
	plainSigned = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
)

// vectors are the ones that Standard Webhooks and its libraries publish.
var vectors = []struct {
	secret, id string
	at         int64
	body, want string
}{
	{
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
		`{"test": 2432232314}`, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	},
	{
		"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1649367553,
		`{"email":"test@example.com","username":"test_user"}`, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
	},
}

func TestEachWayOfSigningGivesItsHeaders(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		auth   webhooks.Auth
		secret string
		body   string
		header string
		want   string
	}{
		{"none", webhooks.Auth{}, "", "x", "Authorization", ""},
		{"kinetic", webhooks.Auth{Kind: webhooks.AuthKinetic, Key: "AK1"}, kineticSecret, kineticBody, "X-Kinetic-Signature", kineticSigned},
		{"kinetic's key", webhooks.Auth{Kind: webhooks.AuthKinetic, Key: "AK1"}, kineticSecret, kineticBody, "X-Kinetic-SignatureKey", "AK1"},
		{"hmac", webhooks.Auth{Kind: webhooks.AuthHMAC}, plainSecret, plainBody, "X-Hub-Signature-256", "sha256=" + plainSigned},
		{"hmac in a header of its own", webhooks.Auth{Kind: webhooks.AuthHMAC, Header: "x-signature"}, plainSecret, plainBody, "X-Signature", plainSigned},
		{"basic", webhooks.Auth{Kind: webhooks.AuthBasic, Key: "Aladdin"}, "open sesame", "x", "Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
		{"bearer", webhooks.Auth{Kind: webhooks.AuthBearer}, "abc.def", "x", "Authorization", "Bearer abc.def"},
		{"standard, first vector", webhooks.Auth{Kind: webhooks.AuthStandard}, vectors[0].secret, vectors[0].body, "webhook-signature", vectors[0].want},
		{"standard's timestamp", webhooks.Auth{Kind: webhooks.AuthStandard}, vectors[0].secret, vectors[0].body, "webhook-timestamp", "1614265330"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			message := delivery.Message{ID: vectors[0].id, At: time.Unix(vectors[0].at, 0), Body: []byte(tt.body)}
			header, err := delivery.Sign(tt.auth, bytesOf([]string{tt.secret}), message)
			if err != nil {
				t.Fatal(err)
			}
			if got := header.Get(tt.header); got != tt.want {
				t.Errorf("%s is %q, want %q", tt.header, got, tt.want)
			}
			if got := header.Get("webhook-id"); got != message.ID {
				t.Errorf("webhook-id is %q, want %q", got, message.ID)
			}
		})
	}
}

func TestTheDeliveryIDIsTheSameOverAllAttempts(t *testing.T) {
	t.Parallel()
	auth := webhooks.Auth{Kind: webhooks.AuthStandard}
	var ids, signatures [2]string
	for i := range 2 {
		header, err := delivery.Sign(auth, bytesOf([]string{vectors[0].secret}), delivery.Message{ID: "d1", At: ended.Add(time.Duration(i) * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		ids[i], signatures[i] = header.Get(delivery.HeaderID), header.Get(delivery.HeaderSignature)
	}
	if ids[0] != ids[1] || signatures[0] == signatures[1] {
		t.Errorf("ids %v, signatures %v: want one ID, and a signature of each time", ids, signatures)
	}
}

func TestWhatCannotBeSignedIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		auth         webhooks.Auth
		secret, want string
	}{
		{"an empty secret, kinetic", webhooks.Auth{Kind: webhooks.AuthKinetic, Key: "k", Secret: "HR_KEY"}, "", `the secret "HR_KEY" is empty`},
		{"an empty secret, hmac", webhooks.Auth{Kind: webhooks.AuthHMAC}, "", "is empty"},
		{"an empty secret, standard", webhooks.Auth{Kind: webhooks.AuthStandard}, "", "is empty"},
		{"an empty secret, basic", webhooks.Auth{Kind: webhooks.AuthBasic}, "", "is empty"},
		{"an empty secret, bearer", webhooks.Auth{Kind: webhooks.AuthBearer}, "", "is empty"},
		{"a standard secret without a key", webhooks.Auth{Kind: webhooks.AuthStandard}, "whsec_", "holds no key"},
		{"a standard secret that is not base64", webhooks.Auth{Kind: webhooks.AuthStandard}, "whsec_???", "not base64"},
		{"a kinetic signature without a key", webhooks.Auth{Kind: webhooks.AuthKinetic}, "s", "set key"},
		{"a kinetic key with a line break", webhooks.Auth{Kind: webhooks.AuthKinetic, Key: "a\r\nb"}, "s", "set key"},
		{"a user with a colon", webhooks.Auth{Kind: webhooks.AuthBasic, Key: "a:b"}, "s", "colon"},
		{"a token with a line break", webhooks.Auth{Kind: webhooks.AuthBearer}, "tok\n", "line break"},
		{"a header that is taken", webhooks.Auth{Kind: webhooks.AuthHMAC, Header: "webhook-id"}, "s", "taken"},
		{"a header that is no name", webhooks.Auth{Kind: webhooks.AuthHMAC, Header: "a b"}, "s", "no name"},
		{"an unknown way", webhooks.Auth{Kind: "rot13"}, "s", "no such way"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			header, err := delivery.Sign(tt.auth, bytesOf([]string{tt.secret}), delivery.Message{ID: "d1", At: ended})
			if err == nil || !strings.Contains(err.Error(), tt.want) || header != nil {
				t.Errorf("got %v, %v; want an error with %q", header, err, tt.want)
			}
		})
	}
}

func TestADeliveryIDHasOneReading(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "a.b", "a b", "a\r\nb", "ä"} {
		if _, err := delivery.Sign(webhooks.Auth{}, nil, delivery.Message{ID: id}); err == nil {
			t.Errorf("ID %q is signed, want an error", id)
		}
	}
}

func TestPublishedVectorsOfStandardWebhooksVerify(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		key, err := delivery.ParseStandardSecret(v.secret)
		if err != nil {
			t.Fatal(err)
		}
		header, err := delivery.Sign(webhooks.Auth{Kind: webhooks.AuthStandard}, bytesOf([]string{v.secret}), delivery.Message{ID: v.id, At: time.Unix(v.at, 0), Body: []byte(v.body)})
		if err != nil || header.Get(delivery.HeaderSignature) != v.want {
			t.Errorf("%s: signed as %v, %v; want %s", v.id, header, err, v.want)
		}
		if err := (delivery.Standard{Keys: [][]byte{key}}).Verify(header, []byte(v.body), time.Unix(v.at, 0)); err != nil {
			t.Errorf("%s: verify: %v", v.id, err)
		}
	}
}

func standardHeader(id, timestamp, signature string) http.Header {
	h := http.Header{}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", timestamp)
	h.Set("webhook-signature", signature)
	return h
}

func TestStandardMessagesAreVerified(t *testing.T) {
	t.Parallel()
	v := vectors[0]
	key, err := delivery.ParseStandardSecret(v.secret)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(v.at, 0)
	good, other := [][]byte{key}, [][]byte{[]byte("another key")}
	tests := []struct {
		name   string
		header http.Header
		keys   [][]byte
		now    time.Time
		want   error
	}{
		{"as signed", standardHeader(v.id, "1614265330", v.want), good, at, nil},
		{"while the key is rotated", standardHeader(v.id, "1614265330", v.want), [][]byte{other[0], key}, at, nil},
		{"with several signatures", standardHeader(v.id, "1614265330", "v1a,AAAA v1,BBBB "+v.want), good, at, nil},
		{"with a good signature before a bad one", standardHeader(v.id, "1614265330", v.want+" v1,BBBB"), good, at, nil},
		{"at the edge of the tolerance", standardHeader(v.id, "1614265330", v.want), good, at.Add(5 * time.Minute), nil},
		{"too old", standardHeader(v.id, "1614265330", v.want), good, at.Add(5*time.Minute + time.Second), delivery.ErrStale},
		{"from the future", standardHeader(v.id, "1614265330", v.want), good, at.Add(-6 * time.Minute), delivery.ErrStale},
		{"another key", standardHeader(v.id, "1614265330", v.want), other, at, delivery.ErrMismatch},
		{"no key", standardHeader(v.id, "1614265330", v.want), nil, at, delivery.ErrNoSecret},
		{"an empty key", standardHeader(v.id, "1614265330", v.want), [][]byte{{}}, at, delivery.ErrNoSecret},
		{"no signature", standardHeader(v.id, "1614265330", ""), good, at, delivery.ErrUnsigned},
		{"another ID", standardHeader("msg_2", "1614265330", v.want), good, at, delivery.ErrMismatch},
		{"another timestamp", standardHeader(v.id, "1614265331", v.want), good, at, delivery.ErrMismatch},
		{"the same time spelled otherwise", standardHeader(v.id, "+1614265330", v.want), good, at, delivery.ErrMismatch},
		{"another version", standardHeader(v.id, "1614265330", "v2,"+strings.TrimPrefix(v.want, "v1,")), good, at, delivery.ErrMismatch},
		{"no ID", standardHeader("", "1614265330", v.want), good, at, delivery.ErrMalformed},
		{"no time", standardHeader(v.id, "", v.want), good, at, delivery.ErrMalformed},
		{"a time that is no number", standardHeader(v.id, "now", v.want), good, at, delivery.ErrMalformed},
		{"a time beyond all", standardHeader(v.id, "9223372036854775807", v.want), good, at, delivery.ErrStale},
		{"a flood of signatures", standardHeader(v.id, "1614265330", strings.Repeat("v1,x ", 17)+v.want), good, at, delivery.ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := delivery.Standard{Keys: tt.keys}.Verify(tt.header, []byte(v.body), tt.now)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestKineticSignaturesAreVerified(t *testing.T) {
	t.Parallel()
	signed := func(key, signature string) http.Header {
		h := http.Header{}
		h.Set("X-Kinetic-SignatureKey", key)
		h.Set("X-Kinetic-Signature", signature)
		return h
	}
	tests := []struct {
		name    string
		header  http.Header
		body    string
		secrets []string
		want    error
	}{
		{"as the vendor signs", signed("AK1", kineticSigned), kineticBody, []string{kineticSecret}, nil},
		{"while the secret is rotated", signed("AK1", kineticSigned), kineticBody, []string{"new", kineticSecret}, nil},
		{"padded", signed("AK1", kineticSigned+"="), kineticBody, []string{kineticSecret}, delivery.ErrMismatch},
		{"another body", signed("AK1", kineticSigned), kineticBody + " ", []string{kineticSecret}, delivery.ErrMismatch},
		{"another secret", signed("AK1", kineticSigned), kineticBody, []string{"other"}, delivery.ErrMismatch},
		{"an empty secret", signed("AK1", delivery.KineticSignature(nil, []byte(kineticBody))), kineticBody, []string{""}, delivery.ErrNoSecret},
		{"no signature", signed("AK1", ""), kineticBody, []string{kineticSecret}, delivery.ErrUnsigned},
		{"no key", signed("", kineticSigned), kineticBody, []string{kineticSecret}, delivery.ErrUnsigned},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := delivery.VerifyKinetic(tt.header, []byte(tt.body), bytesOf(tt.secrets))
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestHMACSignaturesAreVerified(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, header, value string
		want                error
	}{
		{"as GitHub sends it", "", "sha256=" + plainSigned, nil},
		{"bare", "", plainSigned, nil},
		{"in a header of its own", "X-Signature", plainSigned, nil},
		{"in capitals", "", strings.ToUpper(plainSigned), delivery.ErrMismatch},
		{"with another algorithm", "", "sha1=" + plainSigned, delivery.ErrMismatch},
		{"cut short", "", plainSigned[:60], delivery.ErrMismatch},
		{"empty", "", "", delivery.ErrUnsigned},
		{"the prefix alone", "", "sha256=", delivery.ErrUnsigned},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			name := tt.header
			if name == "" {
				name = delivery.HeaderHMAC
			}
			h.Set(name, tt.value)
			err := delivery.VerifyHMAC(h, tt.header, []byte(plainBody), bytesOf([]string{plainSecret}))
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func bytesOf(texts []string) [][]byte {
	all := make([][]byte, len(texts))
	for i, text := range texts {
		all[i] = []byte(text)
	}
	return all
}

// No bit of what is signed, or of a signature, can be flipped unseen.
func FuzzNoFlippedBitIsAccepted(f *testing.F) {
	f.Add([]byte(kineticBody), []byte("secret"), uint(0), uint(3))
	f.Add([]byte{}, []byte("k"), uint(1), uint(100))
	f.Add([]byte("id.1.body"), []byte{0}, uint(2), uint(7))
	f.Fuzz(func(t *testing.T, body, secret []byte, part, bit uint) {
		if len(secret) == 0 {
			return
		}
		keys := [][]byte{secret}
		header := http.Header{}
		header.Set(delivery.HeaderKineticKey, "AK1")
		header.Set(delivery.HeaderKineticSignature, delivery.KineticSignature(secret, body))
		header.Set(delivery.HeaderHMAC, delivery.HMACSignature(secret, body))
		header.Set(delivery.HeaderID, "d1")
		header.Set(delivery.HeaderTimestamp, "1900000000")
		header.Set(delivery.HeaderSignature, delivery.StandardSignature(secret, "d1", "1900000000", body))
		now := time.Unix(1900000000, 0)
		verify := map[string]func(http.Header, []byte) error{
			delivery.HeaderKineticSignature: func(h http.Header, b []byte) error { return delivery.VerifyKinetic(h, b, keys) },
			delivery.HeaderHMAC:             func(h http.Header, b []byte) error { return delivery.VerifyHMAC(h, "", b, keys) },
			delivery.HeaderSignature:        func(h http.Header, b []byte) error { return delivery.Standard{Keys: keys}.Verify(h, b, now) },
			delivery.HeaderID:               func(h http.Header, b []byte) error { return delivery.Standard{Keys: keys}.Verify(h, b, now) },
			delivery.HeaderTimestamp:        func(h http.Header, b []byte) error { return delivery.Standard{Keys: keys}.Verify(h, b, now) },
		}
		for name, check := range verify {
			if err := check(header, body); err != nil {
				t.Fatalf("%s as signed: %v", name, err)
			}
			if len(body) > 0 && check(header, flip(body, bit)) == nil {
				t.Errorf("%s: bit %d of the body was flipped unseen", name, bit)
			}
			bad := header.Clone()
			bad.Set(name, string(flip([]byte(header.Get(name)), bit+part)))
			if check(bad, body) == nil {
				t.Errorf("%s: %q was accepted for %q", name, bad.Get(name), header.Get(name))
			}
		}
	})
}

func flip(data []byte, bit uint) []byte {
	changed := append([]byte{}, data...)
	bit %= uint(len(data) * 8)
	changed[bit/8] ^= 1 << (bit % 8)
	return changed
}

// Headers from outside are read without harm, whatever they hold.
func FuzzVerifyReadsAnyHeaders(f *testing.F) {
	v := vectors[0]
	f.Add(v.id, "1614265330", v.want, []byte(v.body))
	f.Add("", "", "v1,", []byte(nil))
	f.Fuzz(func(t *testing.T, id, timestamp, signature string, body []byte) {
		key, err := delivery.ParseStandardSecret(v.secret)
		if err != nil {
			t.Fatal(err)
		}
		err = delivery.Standard{Keys: [][]byte{key}}.Verify(standardHeader(id, timestamp, signature), body, time.Unix(v.at, 0))
		forged := err == nil && !strings.Contains(signature, delivery.StandardSignature(key, id, timestamp, body))
		if forged {
			t.Errorf("%q %q %q was accepted", id, timestamp, signature)
		}
	})
}
