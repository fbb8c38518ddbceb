package delivery_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
)

// pairVectors are published v1a signatures: the one of TestAsymmetricWebhookSign
// in standard-webhooks/standard-webhooks, libraries/go/webhook_asymmetric_test.go,
// whose key is a seed, and the one of test_asymmetric_key_signing in
// svix/svix-webhooks, server/svix-server/src/worker.rs, whose key is a pair.
var pairVectors = []struct{ name, secret, want string }{
	{
		"the reference library's", "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=",
		"v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==",
	},
	{
		"Svix's", svixPrivate,
		"v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
	},
	{
		"Svix's, by its seed", svixSeed,
		"v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
	},
}

// What they sign is what the first of vectors signs.
var pairMessage = delivery.Message{ID: vectors[0].id, At: time.Unix(vectors[0].at, 0), Body: []byte(vectors[0].body)}

func TestPublishedVectorsOfKeyPairsVerify(t *testing.T) {
	t.Parallel()
	for _, v := range pairVectors {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			header, err := delivery.Sign(webhooks.Auth{Kind: webhooks.AuthStandard}, bytesOf([]string{v.secret}), pairMessage)
			if err != nil || header.Get(delivery.HeaderSignature) != v.want {
				t.Errorf("signed as %v, %v; want %s", header, err, v.want)
			}
			standard, err := delivery.NewStandard(bytesOf([]string{v.secret}))
			if err != nil {
				t.Fatal(err)
			}
			if err := standard.Verify(standardHeader(pairMessage.ID, "1614265330", v.want), pairMessage.Body, pairMessage.At); err != nil {
				t.Errorf("verify: %v", err)
			}
		})
	}
}

func TestEverySecretOfARotationSigns(t *testing.T) {
	t.Parallel()
	secrets := []string{vectors[0].secret, svixPrivate, vectors[1].secret}
	header, err := delivery.Sign(webhooks.Auth{Kind: webhooks.AuthStandard}, bytesOf(secrets), pairMessage)
	if err != nil {
		t.Fatal(err)
	}
	given := strings.Split(header.Get("webhook-signature"), " ")
	if len(given) != 3 || given[0] != vectors[0].want || given[1] != pairVectors[1].want || !strings.HasPrefix(given[2], "v1,") {
		t.Errorf("signed as %q, want v1, v1a and v1 in the order of the secrets", given)
	}
	for _, secret := range []string{vectors[0].secret, svixPublic, vectors[1].secret} {
		standard, err := delivery.NewStandard(bytesOf([]string{secret}))
		if err != nil {
			t.Fatal(err)
		}
		if err := standard.Verify(header, pairMessage.Body, pairMessage.At); err != nil {
			t.Errorf("with %s: %v", secret, err)
		}
	}
}

func TestEveryOtherWaySignsByTheNewestSecret(t *testing.T) {
	t.Parallel()
	for _, auth := range []webhooks.Auth{
		{Kind: webhooks.AuthKinetic, Key: "AK1"},
		{Kind: webhooks.AuthHMAC},
		{Kind: webhooks.AuthHub},
		{Kind: webhooks.AuthBasic, Key: "u"},
		{Kind: webhooks.AuthBearer},
	} {
		t.Run(string(auth.Kind), func(t *testing.T) {
			t.Parallel()
			var signed [2]string
			for i, secrets := range [][]string{{"new", "old"}, {"new"}} {
				header, err := delivery.Sign(auth, bytesOf(secrets), delivery.Message{ID: "d1", Body: []byte("x")})
				if err != nil {
					t.Fatal(err)
				}
				var all strings.Builder
				if err := header.Write(&all); err != nil {
					t.Fatal(err)
				}
				signed[i] = all.String()
			}
			if signed[0] != signed[1] {
				t.Errorf("signed as\n%s\nwant\n%s", signed[0], signed[1])
			}
		})
	}
}

func TestSecretsThatCannotSignAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		secrets []string
		want    string
	}{
		{"none", nil, "there is no secret"},
		{"an empty one beside a good one", []string{vectors[0].secret, ""}, "is empty"},
		{"a public key", []string{svixPublic}, "a public key cannot sign"},
		{"a private key cut short", []string{vectors[0].secret, "whsk_AAAA"}, "3 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			header, err := delivery.Sign(webhooks.Auth{Kind: webhooks.AuthStandard}, bytesOf(tt.secrets), pairMessage)
			if err == nil || !strings.Contains(err.Error(), tt.want) || header != nil {
				t.Errorf("got %v, %v; want an error with %q", header, err, tt.want)
			}
		})
	}
}

func TestSecretsThatCannotVerifyAreRefused(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"whsk_AAAA", "whpk_AAAA", "whsec_???", "whsec_"} {
		_, err := delivery.NewStandard(bytesOf([]string{vectors[0].secret, secret}))
		if err == nil || !strings.Contains(err.Error(), "secret 2 of 2") {
			t.Errorf("%s: got %v, want an error that names the second secret", secret, err)
		}
	}
}

func TestPairSignaturesHaveOneSpelling(t *testing.T) {
	t.Parallel()
	good := pairVectors[1].want
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(good, "v1a,"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, signature, secret string
		want                    error
	}{
		{"as signed", good, svixPublic, nil},
		{"beside one of another key", pairVectors[0].want + " " + good, svixPublic, nil},
		{"by a sender's key, whose public half verifies", good, svixPrivate, nil},
		{"with other trailing bits", strings.Replace(good, "Ag==", "Ah==", 1), svixPublic, delivery.ErrMismatch},
		{"without padding", strings.TrimRight(good, "="), svixPublic, delivery.ErrMismatch},
		{"in the alphabet of URLs", "v1a," + base64.URLEncoding.EncodeToString(raw), svixPublic, delivery.ErrMismatch},
		{"cut short", "v1a," + base64.StdEncoding.EncodeToString(raw[:63]), svixPublic, delivery.ErrMismatch},
		{"as v1", strings.Replace(good, "v1a,", "v1,", 1), svixPublic, delivery.ErrMismatch},
		{"empty", "v1a,", svixPublic, delivery.ErrMismatch},
		{"of another key", pairVectors[0].want, svixPublic, delivery.ErrMismatch},
		{"for who only has a shared secret", good, vectors[0].secret, delivery.ErrMismatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			standard, err := delivery.NewStandard(bytesOf([]string{tt.secret}))
			if err != nil {
				t.Fatal(err)
			}
			err = standard.Verify(standardHeader(pairMessage.ID, "1614265330", tt.signature), pairMessage.Body, pairMessage.At)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestWithoutSecretsNothingIsVerified(t *testing.T) {
	t.Parallel()
	standard, err := delivery.NewStandard(nil)
	if err != nil {
		t.Fatal(err)
	}
	err = standard.Verify(standardHeader(pairMessage.ID, "1614265330", pairVectors[1].want), pairMessage.Body, pairMessage.At)
	if !errors.Is(err, delivery.ErrNoSecret) {
		t.Errorf("got %v, want %v", err, delivery.ErrNoSecret)
	}
}

func TestAPublicKeyOfNoSuchLengthFitsNothing(t *testing.T) {
	t.Parallel()
	standard := delivery.Standard{PublicKeys: []ed25519.PublicKey{nil, {1, 2, 3}}}
	err := standard.Verify(standardHeader(pairMessage.ID, "1614265330", pairVectors[1].want), pairMessage.Body, pairMessage.At)
	if !errors.Is(err, delivery.ErrMismatch) {
		t.Errorf("got %v, want %v", err, delivery.ErrMismatch)
	}
}
