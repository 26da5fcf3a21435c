package run

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAFolderIsHeldByOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	f, err := OpenFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if _, err := OpenFolder(path); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "--data") {
		t.Errorf("taken twice: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f, err = OpenFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFolder(filepath.Join(file, "below")); err == nil || !strings.Contains(err.Error(), "choose a folder") {
		t.Errorf("below a file: %v", err)
	}
}

func TestSecretsAreMadeOnce(t *testing.T) {
	f := &Folder{Path: t.TempDir()}
	a, err := f.Secret("token")
	if err != nil || len(a) != 64 {
		t.Fatalf("%q, %v", a, err)
	}
	if info, err := os.Stat(f.Sub("token")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if again, err := f.Secret("token"); err != nil || again != a {
		t.Errorf("again %q, %v", again, err)
	}
	if other, err := f.Secret("other"); err != nil || other == a {
		t.Errorf("another one is %q, %v", other, err)
	}
	if err := os.WriteFile(f.Sub("token"), []byte(a[:10]), 0o600); err != nil { // cut short
		t.Fatal(err)
	}
	if renewed, err := f.Secret("token"); err != nil || len(renewed) != 64 || renewed[:10] == a[:10] {
		t.Errorf("renewed %q, %v", renewed, err)
	}
}

func TestTheContactOfAnInstance(t *testing.T) {
	f := &Folder{Path: t.TempDir()}
	if _, err := ReadContact(f.Path); err == nil || !strings.Contains(err.Error(), "yagura up") {
		t.Errorf("nobody there: %v", err)
	}
	c := Contact{Socket: "s", Token: "t", Pid: 7}
	if err := f.writeContact(c); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadContact(f.Path); err != nil || got != c {
		t.Errorf("%+v, %v", got, err)
	}
	if info, err := os.Stat(f.Sub(contactFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	f.dropContact()
	if _, err := ReadContact(f.Path); err == nil {
		t.Error("still there")
	}
	if err := os.WriteFile(f.Sub(contactFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadContact(f.Path); err == nil || !strings.Contains(err.Error(), contactFile) {
		t.Errorf("damaged: %v", err)
	}
}

func TestEpochsGrowAlsoWhenTheClockGoesBack(t *testing.T) {
	f := &Folder{Path: t.TempDir()}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	last := uint64(0)
	for i, at := range []time.Time{now, now, now.Add(-24 * time.Hour), now.Add(time.Hour), time.Unix(0, 0).Add(-time.Hour), now} {
		epoch, err := f.nextEpoch(at)
		if err != nil || epoch <= last {
			t.Errorf("start %d: %d after %d, %v", i, epoch, last, err)
		}
		last = epoch
	}
	if err := os.WriteFile(f.Sub("epoch"), []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if epoch, err := f.nextEpoch(now); err != nil || epoch != uint64(now.UnixNano()) {
		t.Errorf("damaged: %d, %v", epoch, err)
	}
}
