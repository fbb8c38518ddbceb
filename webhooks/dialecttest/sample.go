package dialecttest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Samples is where the collected messages of a vendor are, as seen from the
// folder of its dialect. They are beside the repository, since most are the
// vendors' own.
func Samples(vendor string) string { return filepath.Join("../../../shared/data/rest-hooks", vendor) }

// Sample reads one of them.
func Sample(t *testing.T, vendor, name string) []byte {
	t.Helper()

	text, err := os.ReadFile(filepath.Join(Samples(vendor), name))
	if err != nil {
		t.Fatalf("the samples of the vendor's messages are not beside the repository: %v", err)
	}
	return text
}

// Decoded reads JSON.
func Decoded[T any](t *testing.T, text []byte) T {
	t.Helper()

	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}
