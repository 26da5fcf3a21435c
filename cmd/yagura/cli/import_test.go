package cli

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

func TestAFileIsKnownWhenItWasPackedSince(t *testing.T) {
	lines := bytes.Repeat([]byte("Nov 25 10:00:00 gate app[7]: a line\n"), 5000)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(lines); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	sum := func(content []byte) string {
		f, err := os.Create(filepath.Join(t.TempDir(), "auth.log"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err = f.Write(content); err == nil {
			_, err = f.Seek(0, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
		i := importing{r: &run{Streams: Streams{Err: &bytes.Buffer{}}, ctx: t.Context()}}
		hash, err := i.sum(f, int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		if at, err := f.Seek(0, 1); at != 0 || err != nil {
			t.Errorf("the file is at %d, %v", at, err)
		}
		return hash
	}
	whole := sum(lines)
	for name, c := range map[string]struct {
		content []byte
		same    bool
	}{
		"packed": {packed.Bytes(), true}, "packed and cut": {packed.Bytes()[:packed.Len()/2], false}, "longer": {append(lines, 'x'), false},
	} {
		if (sum(c.content) == whole) != c.same {
			t.Errorf("%s: the same is %v", name, !c.same)
		}
	}
}
