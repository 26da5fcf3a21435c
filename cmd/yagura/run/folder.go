package run

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
)

// Folder is the data folder, held by one instance at a time.
type Folder struct {
	Path string
	lock *flock.Flock
}

// ErrInUse is returned, wrapped, when another instance holds the folder.
var ErrInUse = errors.New("in use by another yagura")

// OpenFolder makes the folder if need be and takes it.
func OpenFolder(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("data folder %s: %w; choose a folder that this user can write", path, err)
	}
	lock := flock.New(filepath.Join(path, "lock"))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w; choose a folder that this user can write", path, err)
	}
	if !ok {
		return nil, fmt.Errorf("data folder %s: %w; stop that one, or give this one another folder with --data", path, ErrInUse)
	}
	return &Folder{Path: path, lock: lock}, nil
}

// Close gives the folder back.
func (f *Folder) Close() error { return f.lock.Unlock() }

// Sub returns a path below the folder.
func (f *Folder) Sub(parts ...string) string {
	return filepath.Join(append([]string{f.Path}, parts...)...)
}

// Secret reads a secret of the folder, making it at the first time: 32 random
// bytes in hexadecimal, mode 0600.
func (f *Folder) Secret(name string) (string, error) {
	path := f.Sub(name)
	text, err := os.ReadFile(path)
	if err == nil && len(text) >= 64 {
		return string(text[:64]), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	secret := hex.EncodeToString(raw)
	if err := renameio.WriteFile(path, []byte(secret), 0o600); err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	return secret, nil
}

// Contact is how commands find the running instance: a file in the data folder,
// readable by its owner only.
type Contact struct {
	Socket string `json:"socket"` // unix socket of the API
	Token  string `json:"token"`
	Pid    int    `json:"pid"`
}

// Client returns an HTTP client that reaches the instance whatever host a URL
// names.
func (c Contact) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", c.Socket)
		},
	}}
}

const contactFile = "contact.json"

func (f *Folder) writeContact(c Contact) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return renameio.WriteFile(f.Sub(contactFile), text, 0o600)
}

// dropContact says that this instance cannot be reached any more.
func (f *Folder) dropContact() { _ = os.Remove(f.Sub(contactFile)) }

// nextEpoch returns the epoch of this start: its time in Unix nanoseconds, but
// always more than the one before, also when the clock has gone back. A block's
// identity must never be given twice.
func (f *Folder) nextEpoch(now time.Time) (uint64, error) {
	path := f.Sub("epoch")
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("read %s: %w", path, err)
	}
	last, _ := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 63) // damaged counts as none: the time serves
	epoch := max(uint64(max(now.UnixNano(), 1)), last+1)
	if err := renameio.WriteFile(path, []byte(strconv.FormatUint(epoch, 10)), 0o600); err != nil {
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	return epoch, nil
}

// ReadContact finds the instance that runs on a data folder.
func ReadContact(data string) (Contact, error) {
	path := filepath.Join(data, contactFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Contact{}, fmt.Errorf("no yagura runs on the data folder %s; start one with `yagura up`, or name its folder with --data", data)
	}
	if err != nil {
		return Contact{}, err
	}
	var c Contact
	if err := json.Unmarshal(text, &c); err != nil {
		return Contact{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}
