package delivery_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
)

// The published digests of hubBody by hubSecret: HMAC-SHA1 is test case 2 of
// RFC 2202, the others are test case 2 of RFC 4231.
const (
	hubSecret = "Jefe"
	hubBody   = "what do ya want for nothing?"
	hubSHA1   = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
	hubSHA256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	hubSHA384 = "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
	hubSHA512 = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
)

func TestHubSignaturesAreSentByTheChosenMethod(t *testing.T) {
	t.Parallel()
	tests := []struct{ key, want, fault string }{
		{"", "sha1=" + hubSHA1, ""},
		{"sha1", "sha1=" + hubSHA1, ""},
		{"sha256", "sha256=" + hubSHA256, ""},
		{"sha512", "", "set key to sha1 or sha256"},
		{"md5", "", "set key to sha1 or sha256"},
	}
	for _, tt := range tests {
		t.Run(tt.key, func(t *testing.T) {
			t.Parallel()
			auth := webhooks.Auth{Kind: webhooks.AuthHub, Key: tt.key}
			header, err := delivery.Sign(auth, bytesOf([]string{hubSecret, "the one before"}), delivery.Message{ID: "d1", Body: []byte(hubBody)})
			if tt.fault != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fault) {
					t.Errorf("got %v, want an error with %q", err, tt.fault)
				}
				return
			}
			if err != nil || header.Get("X-Hub-Signature") != tt.want {
				t.Errorf("got %v, %v; want %s", header, err, tt.want)
			}
		})
	}
}

func TestHubSignaturesAreVerified(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, value, secrets string // secrets by commas
		want                 error
	}{
		{"sha1", "sha1=" + hubSHA1, hubSecret, nil},
		{"sha256", "sha256=" + hubSHA256, hubSecret, nil},
		{"sha384", "sha384=" + hubSHA384, hubSecret, nil},
		{"sha512", "sha512=" + hubSHA512, hubSecret, nil},
		{"a bare sha1", hubSHA1, hubSecret, nil},
		{"a bare sha256", hubSHA256, hubSecret, nil},
		{"while the secret is rotated", "sha1=" + hubSHA1, "new," + hubSecret, nil},
		{"a bare sha512", hubSHA512, hubSecret, delivery.ErrMalformed},
		{"a method that there is not", "md5=" + hubSHA1, hubSecret, delivery.ErrMalformed},
		{"a method in capitals", "SHA1=" + hubSHA1, hubSecret, delivery.ErrMalformed},
		{"no method", "=" + hubSHA1, hubSecret, delivery.ErrMalformed},
		{"the digest of another method", "sha256=" + hubSHA1, hubSecret, delivery.ErrMismatch},
		{"a digest in capitals", "sha1=" + strings.ToUpper(hubSHA1), hubSecret, delivery.ErrMismatch},
		{"cut short", "sha1=" + hubSHA1[:38], hubSecret, delivery.ErrMismatch},
		{"another secret", "sha1=" + hubSHA1, "other", delivery.ErrMismatch},
		{"an empty secret", delivery.HubSignature("sha1", nil, []byte(hubBody)), "", delivery.ErrNoSecret},
		{"nothing", "", hubSecret, delivery.ErrUnsigned},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			h.Set("X-Hub-Signature", tt.value)
			err := delivery.VerifyHub(h, []byte(hubBody), bytesOf(strings.Split(tt.secrets, ",")))
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestAHubSignatureByNoKnownMethodIsEmpty(t *testing.T) {
	t.Parallel()
	if got := delivery.HubSignature("md5", []byte("s"), nil); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

// A hub's header is read without harm, whatever it holds, and only what the
// secret signed is accepted.
func FuzzVerifyHubReadsAnyHeader(f *testing.F) {
	for _, seed := range []string{"sha1=" + hubSHA1, hubSHA256, "sha512=" + hubSHA512, "=", "", "md5=x", "sha1=sha1=" + hubSHA1} {
		f.Add(seed, []byte(hubBody))
	}
	f.Fuzz(func(t *testing.T, value string, body []byte) {
		h := http.Header{}
		h.Set(delivery.HeaderHub, value)
		if delivery.VerifyHub(h, body, bytesOf([]string{hubSecret})) != nil {
			return
		}
		for _, method := range []string{"sha1", "sha256", "sha384", "sha512"} {
			if strings.HasSuffix(delivery.HubSignature(method, []byte(hubSecret), body), value) {
				return
			}
		}
		t.Errorf("%q was accepted for %q", value, body)
	})
}
