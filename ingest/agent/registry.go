package agent

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind says what an entry of the registry is.
type Kind string

// Kinds of entries.
const (
	KindToken Kind = "token" // a token that ships
	KindEnrol Kind = "enrol" // a token that enrols one agent, once
	KindAgent Kind = "agent" // an enrolled agent, known by its certificate
)

// Entry is one of the registry. Its name stands once among those of its kind.
type Entry struct {
	Name    string    `json:"name"`
	Kind    Kind      `json:"kind"`
	Source  string    `json:"source,omitempty"` // what the books call it; "" is Name
	Hash    string    `json:"hash,omitempty"`   // SHA-256 of the token, hexadecimal
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Revoked time.Time `json:"revoked,omitzero"` // zero: it is good
	Serial  string    `json:"serial,omitempty"` // of an agent's certificates that are good, hexadecimal, with commas
}

// SourceName is what the books call it.
func (e Entry) SourceName() string {
	if e.Source != "" {
		return e.Source
	}
	return e.Name
}

// Good tells whether it may be used.
func (e Entry) Good(now time.Time) bool {
	return e.Revoked.IsZero() && (e.Expires.IsZero() || now.Before(e.Expires))
}

// Bounds of the registry.
const (
	maxEntries  = 10_000
	maxRegistry = 8 << 20 // bytes of the file
	lookEvery   = 500 * time.Millisecond
	lookForNew  = 10 * time.Millisecond
)

// Registry is the file of tokens and agents. A running server and the command line
// use it at once: changes are made under a lock, the file is replaced whole, and a
// reader sees a change within a second. Safe for concurrent use.
type Registry struct {
	path string
	log  *slog.Logger

	mu      sync.Mutex
	entries []Entry
	byHash  map[[32]byte]int
	seen    stamp
	looked  time.Time
}

// OpenRegistry opens the registry of a folder, which is made with the first entry.
func OpenRegistry(folder string, log *slog.Logger) (*Registry, error) {
	r := &Registry{path: filepath.Join(folder, "registry.json"), log: log}
	return r, r.load()
}

// registryFile is the file's shape.
type registryFile struct {
	Version int     `json:"version"`
	Entries []Entry `json:"entries"`
}

// load reads the file; a missing one is empty. The lock is held, or nobody else is there.
func (r *Registry) load() error {
	r.looked = time.Now()
	seen := stampOf(r.path)
	var file registryFile
	text, err := os.ReadFile(r.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("agents: %w", err)
	case len(text) > maxRegistry:
		return fmt.Errorf("agents: %s: more than %d bytes", r.path, maxRegistry)
	default:
		if err := json.Unmarshal(text, &file); err != nil {
			return fmt.Errorf("agents: %s: %w; put back a copy, or remove it and make new tokens", r.path, err)
		}
	}
	r.entries, r.seen = file.Entries, seen
	r.byHash = make(map[[32]byte]int, len(r.entries))
	for i, e := range r.entries {
		if raw, err := hex.DecodeString(e.Hash); err == nil && len(raw) == 32 {
			r.byHash[[32]byte(raw)] = i
		}
	}
	return nil
}

// look reads the file again when it has changed, every so often at most. A broken one changes nothing.
func (r *Registry) look(every time.Duration) {
	if time.Since(r.looked) < every {
		return
	}
	r.looked = time.Now()
	if stampOf(r.path) == r.seen {
		return
	}
	if err := r.load(); err != nil {
		r.log.Warn("the registry of agents was not read again; what it said before counts", "error", err)
	}
}

// Prefix begins every token: so that one is recognised where it should not be.
const Prefix = "ygr_"

// HashToken is what is kept of a token.
func HashToken(token string) [32]byte { return sha256.Sum256([]byte(token)) }

// Find returns the entry of a token, if it is good.
func (r *Registry) Find(token string) (Entry, bool) {
	hash := HashToken(token)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.look(lookEvery)
	i, ok := r.byHash[hash]
	if !ok { // it may have been made just now; the limiter has let the question through
		r.look(lookForNew)
		i, ok = r.byHash[hash]
	}
	if !ok {
		return Entry{}, false
	}
	e := r.entries[i]
	raw, _ := hex.DecodeString(e.Hash)
	same := subtle.ConstantTimeCompare(raw, hash[:]) == 1
	return e, same && e.Good(time.Now())
}

// Named returns the entry of a name, good or not.
func (r *Registry) Named(kind Kind, name string) (Entry, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.look(lookEvery)
	return find(r.entries, kind, name)
}

func find(all []Entry, kind Kind, name string) (Entry, bool) {
	i := slices.IndexFunc(all, func(e Entry) bool { return e.Kind == kind && e.Name == name })
	if i < 0 {
		return Entry{}, false
	}
	return all[i], true
}

// List returns every entry, in the order they were made.
func (r *Registry) List() ([]Entry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(); err != nil {
		return nil, err
	}
	return slices.Clone(r.entries), nil
}

// Issue makes a token of 256 random bits for the entry and keeps its hash. The token
// cannot be had again.
func (r *Registry) Issue(e Entry) (token string, err error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	token = Prefix + base64.RawURLEncoding.EncodeToString(raw)
	hash := HashToken(token)
	e.Hash = hex.EncodeToString(hash[:])
	return token, r.Put(e)
}

// ErrName says that a name cannot be used.
var ErrName = errors.New("the name cannot be used")

// Put adds an entry. One of the same kind and name must not be there, unless it is
// no longer good, and then it is replaced.
func (r *Registry) Put(e Entry) error {
	for _, name := range []string{e.Name, e.SourceName()} {
		if !nameOK(name) {
			return fmt.Errorf("%w: %q; want 1 to 64 letters, digits, dots, colons, - or _", ErrName, name)
		}
	}
	if e.Created.IsZero() {
		e.Created = time.Now().UTC().Truncate(time.Second)
	}
	return r.Change(func(all []Entry) ([]Entry, error) {
		if old, ok := find(all, e.Kind, e.Name); ok && old.Good(time.Now()) {
			return nil, fmt.Errorf("%w: %s is there already; revoke it first, or take another name", ErrName, e.Name)
		}
		all = slices.DeleteFunc(all, func(o Entry) bool { return o.Kind == e.Kind && o.Name == e.Name })
		if len(all) >= maxEntries {
			return nil, fmt.Errorf("%w: more than %d entries", ErrName, maxEntries)
		}
		return append(all, e), nil
	})
}

// ErrNoEntry says that there is none of that name.
var ErrNoEntry = errors.New("no such token or agent")

// Revoke ends all good entries of a name: its next request is refused.
func (r *Registry) Revoke(name string) error {
	return r.Change(func(all []Entry) ([]Entry, error) {
		n := 0
		for i := range all {
			if all[i].Name == name && all[i].Revoked.IsZero() {
				all[i].Revoked = time.Now().UTC().Truncate(time.Second)
				n++
			}
		}
		if n == 0 {
			return nil, fmt.Errorf("%w: %s", ErrNoEntry, name)
		}
		return all, nil
	})
}

// Spend removes the entry of a one-time token and returns it: of several that show it
// at once, one gets it.
func (r *Registry) Spend(token string) (spent Entry, ok bool, err error) {
	if e, good := r.Find(token); !good || e.Kind != KindEnrol {
		return Entry{}, false, nil
	}
	hash := HashToken(token)
	text := hex.EncodeToString(hash[:])
	err = r.Change(func(all []Entry) ([]Entry, error) {
		i := slices.IndexFunc(all, func(e Entry) bool { return e.Kind == KindEnrol && e.Hash == text && e.Good(time.Now()) })
		if ok = i >= 0; !ok {
			return all, nil
		}
		spent = all[i]
		return slices.Delete(all, i, i+1), nil
	})
	return spent, ok && err == nil, err
}

// Change replaces the entries under the file's lock, on disk before it returns. After
// an error of f nothing has changed.
func (r *Registry) Change(f func(all []Entry) ([]Entry, error)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	unlock, err := lockFile(r.path + ".lock")
	if err != nil {
		return fmt.Errorf("agents: %w", err)
	}
	defer unlock()
	if err := r.load(); err != nil {
		return err
	}
	all, err := f(slices.Clone(r.entries))
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(registryFile{1, all}, "", "  ")
	if err != nil {
		return err
	}
	if err := writeFile(r.path, append(text, '\n')); err != nil {
		return fmt.Errorf("agents: %w", err)
	}
	return r.load()
}

// nameOK tells whether a name may stand in the books.
func nameOK(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_") == ""
}
