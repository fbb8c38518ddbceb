package delivery_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"
	"testing/iotest"

	"hooktree/webhooks/delivery"
)

// svixPair is the pair that Svix publishes, as its private key, its public key
// and the seed alone.
const (
	svixPrivate = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
	svixPublic  = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
	svixSeed    = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc="
)

func TestAPrivateKeyIsReadInBothForms(t *testing.T) {
	t.Parallel()
	public, err := delivery.ParseStandardPublicKey(svixPublic)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{svixPrivate, svixSeed, strings.TrimPrefix(svixSeed, "whsk_")} {
		key, err := delivery.ParseStandardPrivateKey(text)
		if err != nil || !public.Equal(key.Public()) {
			t.Errorf("%s: got the public key %x, %v; want %x", text, key.Public(), err, public)
		}
	}
}

func TestAPublicKeyIsThatOfAPrivateOne(t *testing.T) {
	t.Parallel()
	for secret, want := range map[string]string{
		svixPrivate: svixPublic, svixSeed: svixPublic, "whsk_???": "", svixPublic: "", "whsec_AAAA": "", "": "",
	} {
		if got := delivery.StandardPublicKey(secret); got != want {
			t.Errorf("of %q it is %q; want %q", secret, got, want)
		}
	}
}

func TestWhatIsNoKeyIsRefused(t *testing.T) {
	t.Parallel()
	private := func(text string) error { _, err := delivery.ParseStandardPrivateKey(text); return err }
	public := func(text string) error { _, err := delivery.ParseStandardPublicKey(text); return err }
	tests := []struct {
		name  string
		parse func(string) error
		text  string
		want  string
	}{
		{"a private key that is not base64", private, "whsk_???", "not base64"},
		{"an empty private key", private, "whsk_", "0 bytes"},
		{"a private key that lacks a byte", private, "whsk_" + base64.StdEncoding.EncodeToString(make([]byte, 63)), "63 bytes"},
		{"a private key of two pairs", private, "whsk_" + base64.StdEncoding.EncodeToString(make([]byte, 64)), "two pairs"},
		{"a private key in another spelling", private, strings.Replace(svixSeed, "Mbc=", "Mbd=", 1), "not base64"},
		{"a public key as a private one", private, svixPublic, "not base64"},
		{"a public key that is not base64", public, "whpk_???", "not base64"},
		{"a private key as a public one", public, strings.Replace(svixPrivate, "whsk_", "whpk_", 1), "64 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := tt.parse(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestGeneratedKeysAreReadBack(t *testing.T) {
	t.Parallel()
	secret := delivery.NewStandardSecret(rand.Reader)
	key, err := delivery.ParseStandardSecret(secret)
	if err != nil || len(key) != 32 || !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("%s holds %d bytes, %v; want 32", secret, len(key), err)
	}
	if again := delivery.NewStandardSecret(rand.Reader); again == secret {
		t.Errorf("%s was made twice", again)
	}
	whsk, whpk := delivery.NewStandardPair(rand.Reader)
	private, err := delivery.ParseStandardPrivateKey(whsk)
	if err != nil {
		t.Fatal(err)
	}
	public, err := delivery.ParseStandardPublicKey(whpk)
	if err != nil || !public.Equal(private.Public()) {
		t.Errorf("%s and %s are no pair: %v", whsk, whpk, err)
	}
	if !strings.HasPrefix(whsk, "whsk_") || !strings.HasPrefix(whpk, "whpk_") {
		t.Errorf("the pair is %s and %s, want whsk_ and whpk_", whsk, whpk)
	}
}

func TestNoKeyIsMadeWithoutRandomness(t *testing.T) {
	t.Parallel()
	for name, generate := range map[string]func(){
		"secret": func() { delivery.NewStandardSecret(strings.NewReader("few bytes")) },
		"pair":   func() { delivery.NewStandardPair(iotest.ErrReader(iotest.ErrTimeout)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a %s was made of too few bytes", name)
				}
			}()
			generate()
		}()
	}
}

// Keys from outside are read without harm, and what is read can be used.
func FuzzKeysAreReadWithoutHarm(f *testing.F) {
	for _, seed := range []string{svixPrivate, svixSeed, svixPublic, "whsk_", "", "whsk_AAAA", vectors[0].secret} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := delivery.ParseStandardPrivateKey(text); err == nil {
			public, ok := key.Public().(ed25519.PublicKey)
			if !ok || !ed25519.Verify(public, nil, ed25519.Sign(key, nil)) {
				t.Errorf("%q is read as a key that does not sign", text)
			}
		}
		if key, err := delivery.ParseStandardPublicKey(text); err == nil && len(key) != ed25519.PublicKeySize {
			t.Errorf("%q is read as a public key of %d bytes", text, len(key))
		}
		if key, err := delivery.ParseStandardSecret(text); err == nil && len(key) == 0 {
			t.Errorf("%q is read as an empty secret", text)
		}
	})
}

func TestCheckStandardSecret_wantsWhatCannotBeGuessed(t *testing.T) {
	t.Parallel()

	private, public := delivery.NewStandardPair(rand.Reader)
	of := func(n int) string { return "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, n)) }
	for secret, want := range map[string]string{
		of(23): "23 bytes", of(24): "", of(64): "", of(65): "65 bytes", "whsec_": "no key", private: "", public: "cannot sign",
	} {
		err := delivery.CheckStandardSecret(secret)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", secret, err, want)
		}
	}
}
