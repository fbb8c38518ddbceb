package main

import (
	"fmt"
	"os"

	"gopkg.in/yaml.v3"
)

// secretPrefix begins the environment's names of secrets.
const secretPrefix = "HOOKTREE_SECRET_"

// secrets finds the value of a declared secret: in the environment, as
// HOOKTREE_SECRET_NAME, else in the secrets file.
type secrets struct{ file map[string]string }

// readSecrets reads the secrets file; an empty name is none.
func readSecrets(file string) (secrets, error) {
	if file == "" {
		return secrets{}, nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return secrets{}, fmt.Errorf("read the secrets: %w", err)
	}
	if open := info.Mode().Perm() & 0o077; open != 0 {
		return secrets{}, fmt.Errorf("read the secrets: %s can be read by other users of this machine; run chmod 600 on it", file)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return secrets{}, fmt.Errorf("read the secrets: %w", err)
	}
	s := secrets{}
	if err := yaml.Unmarshal(content, &s.file); err != nil {
		// The parser's own words may hold a value.
		return secrets{}, fmt.Errorf("read the secrets: %s is not a YAML mapping of names to text", file)
	}
	return s, nil
}

// Secret gives the value of a secret.
func (s secrets) Secret(name string) (string, bool) {
	if value, ok := os.LookupEnv(secretPrefix + name); ok {
		return value, true
	}
	value, ok := s.file[name]
	return value, ok
}
