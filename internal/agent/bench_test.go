package agent

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkAgent10kLines is what 10,000 lines cost the host: read from a file, into
// the spool with its syncs, out of it, packed for the wire.
func BenchmarkAgent10kLines(b *testing.B) {
	var all []string
	for i := range 10_000 {
		all = append(all, numbered(i, i)[0]+" with a little text so that it has the length of a usual one, and what a person did")
	}
	text := []byte(strings.Join(all, "\n") + "\n")
	dir := b.TempDir()
	path := filepath.Join(dir, "app.log")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		b.Fatal(err)
	}
	f, err := NewFiles(FilesConfig{Patterns: []string{path}}, quiet())
	if err != nil {
		b.Fatal(err)
	}
	spool, err := OpenSpool(filepath.Join(dir, "spool"), 1<<30, quiet())
	if err != nil {
		b.Fatal(err)
	}
	defer spool.Close()
	defer f.Close()
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	var batch Batch
	var zip compressor
	sent, wire := 0, 0
	read := func() {
		for more := true; more; {
			more = f.Poll(context.Background(), &Sink{spool: spool})
			changed := map[string]string{}
			f.Marks(func(k, v string) { changed[k] = v })
			if err := spool.Commit(changed); err != nil {
				b.Fatal(err)
			}
		}
		for {
			if err := spool.Read(&batch); err != nil {
				b.Fatal(err)
			}
			if batch.Count == 0 {
				return
			}
			body, _, err := zip.pack(&header{Agent: "web01", First: batch.First, Count: batch.Count, Clock: time.Now()}, batch.Body)
			if err != nil {
				b.Fatal(err)
			}
			sent, wire = sent+batch.Count, wire+len(body)
			if err := spool.Ack(batch.First + uint64(batch.Count) - 1); err != nil {
				b.Fatal(err)
			}
		}
	}
	read()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := out.Write(text); err != nil {
			b.Fatal(err)
		}
		for want := sent + 10_000; sent < want; {
			read()
		}
	}
	b.ReportMetric(float64(wire)/float64(max(sent, 1)), "wire-B/line")
}
