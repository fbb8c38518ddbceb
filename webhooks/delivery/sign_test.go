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
