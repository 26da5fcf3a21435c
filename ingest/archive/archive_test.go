package archive

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

func lines(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "Nov 20 10:00:%02d gate sshd[%d]: Accepted publickey for sato from 192.0.2.%d port 50000 ssh2\n", i%60, i, i%250)
	}
	return b.Bytes()
}

// packed holds the text in each form, by the format's own tool or library.
func packed(t testing.TB, text []byte) map[Format][]byte {
	t.Helper()
	all := map[Format][]byte{"": text}
	var gz bytes.Buffer
	for _, half := range [][]byte{text[:len(text)/2], text[len(text)/2:]} { // logrotate appends members
		w := gzip.NewWriter(&gz)
		_, _ = w.Write(half)
		_ = w.Close()
	}
	all["gzip"] = gz.Bytes()
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	all["zstd"] = e.EncodeAll(text, nil)
	var x bytes.Buffer
	w, err := xz.NewWriter(&x)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	all["xz"] = x.Bytes()
	for format, tool := range map[Format]string{"bzip2": "bzip2", "xz": "xz"} {
		if path, err := exec.LookPath(tool); err == nil {
			cmd := exec.Command(path, "-c", "-9")
			cmd.Stdin = bytes.NewReader(text)
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(tool, err)
			}
			all[format] = out
		}
	}
	return all
}

func TestOpenGivesTheTextBack(t *testing.T) {
	text := lines(20_000)
	for want, file := range packed(t, text) {
		t.Run("format "+string(want), func(t *testing.T) {
			r, got, err := Open(bytes.NewReader(file))
			if err != nil || got != want {
				t.Fatal(got, err)
			}
			defer r.Close()
			out, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(out, text) {
				t.Fatalf("%d of %d bytes, %v", len(out), len(text), err)
			}
		})
	}
}

func TestACutFileGivesWhatIsThereAndSaysSo(t *testing.T) {
	text := lines(20_000)
	for format, file := range packed(t, text) {
		if format == "" {
			continue
		}
		t.Run(string(format), func(t *testing.T) {
			r, _, err := Open(bytes.NewReader(file[:len(file)*2/3]))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			out, err := io.ReadAll(r)
			if !errors.Is(err, ErrDamaged) || !strings.HasPrefix(err.Error(), string(format)+": ") {
				t.Errorf("error %v", err)
			}
			if !bytes.HasPrefix(text, out) {
				t.Error("what came before the cut is not what was packed")
			}
		})
	}
}

func TestWhatIsNoLogIsNamed(t *testing.T) {
	tar := make([]byte, 512)
	copy(tar[257:], "ustar\x0000")
	for name, tt := range map[string]struct{ file, want string }{
		"zip":                   {"PK\x03\x04rest", "ZIP archive"},
		"evtx, only a header":   {"ElfFile\x00rest", "its header is cut"},
		"evtx, a bad chunk":     {"ElfFile\x00" + strings.Repeat("\x00", 4088) + strings.Repeat("x", 64<<10), "1 of 1 records are passed over; the first: chunk 0"},
		"tar":                   {string(tar), "tar archive"},
		"journal":               {"LPKSHHRHrest", "journalctl"},
		"xz that asks for 4 GB": {"\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x28\x00\x00\x00", "128 MiB"},
		"zstd, only a header":   {"\x28\xb5\x2f\xfd", "cut"},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := Open(strings.NewReader(tt.file))
			if err == nil {
				_, err = io.ReadAll(r)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

// Nothing that a file says takes more memory than its bounds, or a panic.
func FuzzOpen(f *testing.F) {
	for _, file := range packed(f, lines(20)) {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, _, err := Open(bytes.NewReader(file))
		if err != nil {
			return
		}
		defer r.Close()
		_, _ = io.CopyN(io.Discard, r, 1<<20)
	})
}
