package console

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"time"
)

// Config says where the console listens and who may come in. Address and
// TokenHash are required; every other zero value has a meaning.
type Config struct {
	Address    string         // host:port; port 0 takes a free one
	Cert, Key  string         // PEM files; both or none. None is plain HTTP: for loopback only, or behind a proxy
	TokenHash  string         // SHA-256 of the token, hexadecimal (HashToken)
	Language   string         // "ja" or "en", of pages unless the reader chooses; "" is ja
	Zone       *time.Location // of the times on pages; nil is UTC
	Socket     string         // unix socket (mode 0600) with the same API and no log-on; "" is none
	Version    string         // shown on pages and in yagura_build_info
	MaxQueries int            // queries at a time; 0 is 8
}

// HashToken is the form in which Config holds a token.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func (c Config) withDefaults() Config {
	if c.Language == "" {
		c.Language = "ja"
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.MaxQueries == 0 {
		c.MaxQueries = 8
	}
	return c
}

// check names every fault at once.
func (c Config) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf("console."+format, args...)) }
	if _, _, err := net.SplitHostPort(c.Address); err != nil {
		fault("address: %q; would be right: an address and a port, as 127.0.0.1:8080", c.Address)
	}
	if (c.Cert == "") != (c.Key == "") {
		fault("cert, key: only one of them is set; would be right: both, or none for plain HTTP")
	}
	if sum, err := hex.DecodeString(c.TokenHash); err != nil || len(sum) != sha256.Size {
		fault("token: its hash has %d characters; would be right: 64 hexadecimal ones", len(c.TokenHash))
	}
	if c.Language != "ja" && c.Language != "en" {
		fault("language: %q; would be right: ja or en", c.Language)
	}
	if c.MaxQueries < 0 {
		fault("max_queries: %d; would be right: 1 or more", c.MaxQueries)
	}
	return errors.Join(faults...)
}
