package engine

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// Config is everything a [Server] needs. It is JSON, so that a parent can hand
// it to its child; see [Serve].
type Config struct {
	Data     string    `json:"data"`               // data folder; required, made with mode 0700 when missing
	LibPath  string    `json:"lib_path,omitempty"` // libchdb.so or its folder; "" = as [Find] finds it
	Socket   string    `json:"socket,omitempty"`   // unix socket, mode 0600; "" = none
	Address  string    `json:"address,omitempty"`  // TCP host:port, loopback; "" = none. Socket or Address is required
	Accounts []Account `json:"accounts"`           // at least one

	DisplayName string `json:"display_name,omitempty"` // default "yagura-engine"
	Timezone    string `json:"timezone,omitempty"`     // session time zone; default UTC

	Writers   int           `json:"writers,omitempty"`    // parallel statements of accounts that write; default 4
	Readers   int           `json:"readers,omitempty"`    // parallel statements of read-only accounts; default 8
	QueueWait time.Duration `json:"queue_wait,omitempty"` // wait for a free place before 503, code 202; default 5 s
	Drain     time.Duration `json:"drain,omitempty"`      // time running statements get when stopping; default 20 s

	MemoryLimit   int64         `json:"memory_limit,omitempty"`   // bytes of the whole engine; default 2 GiB
	MarkCache     int64         `json:"mark_cache,omitempty"`     // bytes; default 128 MiB
	MergeThreads  int           `json:"merge_threads,omitempty"`  // background merges; default 2
	MaxThreads    int           `json:"max_threads,omitempty"`    // threads of one statement; default 0: the engine's, one a core
	MaxStatement  int           `json:"max_statement,omitempty"`  // bytes of SQL; default 1 MiB
	MaxBody       int64         `json:"max_body,omitempty"`       // bytes of a request, before and after decompression; default 1 GiB
	MaxBodyRatio  int64         `json:"max_body_ratio,omitempty"` // inflated : compressed above the first MiB; default 100
	MaxHTTPConns  int           `json:"max_http_conns,omitempty"` // open client connections; default 128 each on socket and address
	ClientTimeout time.Duration `json:"client_timeout,omitempty"` // a client that neither sends nor takes a byte; default 60 s
}

// Account is one user of the HTTP interface. Zero limits take the defaults, for
// read-only accounts; accounts that write have no limits but the engine's.
type Account struct {
	Name             string        `json:"name"`
	PasswordSHA256   string        `json:"password_sha256"`              // hex; see [Hash]
	ReadOnly         bool          `json:"read_only,omitempty"`          // SELECT and the like only, no files, no network
	MaxExecutionTime time.Duration `json:"max_execution_time,omitempty"` // of one statement; default 60 s
	MaxResultRows    int64         `json:"max_result_rows,omitempty"`    // default 1,000,000
	MaxResultBytes   int64         `json:"max_result_bytes,omitempty"`   // default 256 MiB
	MaxMemory        int64         `json:"max_memory,omitempty"`         // bytes of one statement; default MemoryLimit / 4
}

// Hash returns the PasswordSHA256 of a password or token.
func Hash(password string) string {
	h := sha256.Sum256([]byte(password))
	return hex.EncodeToString(h[:])
}

// normalize fills defaults and reports every error at once.
func (c Config) normalize() (Config, error) {
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf("engine: "+format, a...)) }
	if c.Data == "" {
		bad("data: is empty; give a folder")
	}
	if c.Socket == "" && c.Address == "" {
		bad("socket, address: both are empty; give one")
	}
	if len(c.Accounts) == 0 {
		bad("accounts: is empty; give at least one")
	}
	var err error
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		bad("data: %w", err)
	}
	if c.Socket != "" {
		if c.Socket, err = filepath.Abs(c.Socket); err != nil {
			bad("socket: %w", err)
		}
		if len(c.Socket) > 107 {
			bad("socket: %d bytes; the system takes at most 107", len(c.Socket))
		}
	}
	c.DisplayName, c.Timezone = cmp.Or(c.DisplayName, "yagura-engine"), cmp.Or(c.Timezone, "UTC")
	c.Writers, c.Readers = cmp.Or(c.Writers, 4), cmp.Or(c.Readers, 8)
	c.QueueWait, c.Drain = cmp.Or(c.QueueWait, 5*time.Second), cmp.Or(c.Drain, 20*time.Second)
	c.MemoryLimit, c.MarkCache = cmp.Or(c.MemoryLimit, 2<<30), cmp.Or(c.MarkCache, 128<<20)
	c.MergeThreads, c.MaxStatement = cmp.Or(c.MergeThreads, 2), cmp.Or(c.MaxStatement, 1<<20)
	c.MaxBody, c.MaxBodyRatio = cmp.Or(c.MaxBody, 1<<30), cmp.Or(c.MaxBodyRatio, 100)
	c.MaxHTTPConns, c.ClientTimeout = cmp.Or(c.MaxHTTPConns, 128), cmp.Or(c.ClientTimeout, time.Minute)
	accounts := make([]Account, 0, len(c.Accounts))
	for i, a := range c.Accounts {
		if b, err := hex.DecodeString(a.PasswordSHA256); err != nil || len(b) != sha256.Size {
			bad("accounts[%d].password_sha256: is not 64 hex digits", i)
		}
		if a.Name == "" {
			bad("accounts[%d].name: is empty", i)
		}
		if a.ReadOnly {
			a.MaxExecutionTime = cmp.Or(a.MaxExecutionTime, time.Minute)
			a.MaxResultRows, a.MaxResultBytes = cmp.Or(a.MaxResultRows, 1_000_000), cmp.Or(a.MaxResultBytes, 256<<20)
			a.MaxMemory = cmp.Or(a.MaxMemory, c.MemoryLimit/4)
		}
		accounts = append(accounts, a)
	}
	c.Accounts = accounts
	return c, errors.Join(errs...)
}
