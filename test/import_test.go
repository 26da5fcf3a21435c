package test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// oldLog writes a packed log of last winter: n log-ons, and at its end six failures
// of one address, over the turn of the year.
func oldLog(t testing.TB, n int) string {
	t.Helper()
	zone := time.FixedZone("JST", 9*60*60)
	at := time.Date(2024, 12, 30, 9, 0, 0, 0, zone)
	step := 72 * time.Hour / time.Duration(n)
	var text bytes.Buffer
	w := gzip.NewWriter(&text)
	for i := range n {
		fmt.Fprintf(w, "%s files01 sshd[%d]: Accepted publickey for hayashi from 10.1.0.%d port 50123 ssh2\n", at.Format(time.Stamp), i+1, i%200+1)
		at = at.Add(step)
	}
	for i := range 12 {
		fmt.Fprintf(w, "%s files01 sshd[%d]: Failed password for invalid user backup%d from 198.51.100.77 port 40222 ssh2\n", at.Format(time.Stamp), n+i+1, i)
		at = at.Add(2 * time.Second)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "auth.log.4.gz")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	return path
}

// An administrator loads last winter's log: it is there with the years that it had,
// raises no alert, and a second import of the same file adds nothing.
func TestOldLogsBecomeHistory(t *testing.T) {
	e := start(t)
	path := oldLog(t, 20_000)
	a := command(t, t.TempDir(), "", "import", "--data", e.dir, path).wantCode(t, 0)
	wantWords(t, "words", a.err, "20012 lines imported", "0 not understood, 0 without a time", "from 2024-12-30")
	e.want("SELECT count(), uniqExact(event_id), countIf(parser = 'openssh.sshd') FROM events WHERE listener = 'import'", "20012\t20012\t20012")
	e.want("SELECT countIf(toYear(timestamp, 'Asia/Tokyo') = 2024) > 0, countIf(toYear(timestamp, 'Asia/Tokyo') = 2025) > 0, countIf(toYear(timestamp) NOT IN (2024, 2025)), min(ingested) > now() - 600 FROM events WHERE listener = 'import'", "1\t1\t0\t1")
	e.want("SELECT sum(received) = sum(accepted), sum(accepted) = sum(stored), sum(refused), sum(pending) FROM books", "1\t1\t0\t0")

	again := command(t, t.TempDir(), "", "import", "--data", e.dir, path).wantCode(t, 0)
	wantWords(t, "words", again.err, "imported already")
	// A live line behind it shows that all before was matched.
	e.send("<38>" + time.Now().Format(time.Stamp) + " files01 sshd[7]: Accepted publickey for hayashi from 10.1.0.9 port 50123 ssh2")
	e.want("SELECT count() FROM events", "20013")
	e.want("SELECT count() FROM alerts", "0")

	command(t, t.TempDir(), "", "import", "--data", e.dir, "--again", "--detect", path).wantCode(t, 0)
	e.want("SELECT count() FROM events", "40025")
	e.until(30*time.Second, func() bool { return len(e.mails()) > 0 }, func() string { return "no mail about the failures of last winter" })
	e.want("SELECT count() > 0, min(toYear(timestamp, 'Asia/Tokyo')) FROM alerts", "1\t2025")
}

// An import is cut off twice, by its user and by a kill of yagura: the same command
// goes on where it ended, and no line is there twice.
func TestAnImportThatIsCutOffGoesOn(t *testing.T) {
	e := start(t)
	path := oldLog(t, 400_000)
	cut := func(after uint64) {
		cmd := exec.Command(binary(t), "import", "--data", e.dir, path)
		var words bytes.Buffer
		cmd.Stderr = &words
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		gone := make(chan error, 1)
		go func() { gone <- cmd.Wait() }()
		e.until(60*time.Second, func() bool { return e.imported() > after || len(gone) > 0 }, func() string { return "nothing is imported" })
		_ = cmd.Process.Signal(syscall.SIGINT)
		if err := <-gone; err == nil {
			t.Skip("the import was quicker than its user")
		}
		if !strings.Contains(words.String(), "goes on there") {
			t.Errorf("words: %s", words.String())
		}
	}
	cut(0)
	cut(e.imported())
	a := command(t, t.TempDir(), "", "import", "--data", e.dir, path).wantCode(t, 0)
	wantWords(t, "words", a.err, "going on after", "400012 lines imported")
	e.want("SELECT count(), uniqExact(fields['process.pid']) FROM events WHERE listener = 'import'", "400012\t400012")
}

// imported is how many records the notes of this instance say.
func (e *env) imported() uint64 {
	notes, _ := filepath.Glob(filepath.Join(e.dir, "imports", "*.json"))
	if len(notes) == 0 {
		return 0
	}
	text, err := os.ReadFile(notes[0])
	if err != nil {
		return 0
	}
	var records uint64
	_, rest, _ := strings.Cut(string(text), `"records":`)
	_, _ = fmt.Sscan(rest, &records)
	return records
}

// What is no log, is damaged, or is not there is said with what to do; the lines
// before the damage are kept.
func TestImportOfWhatIsNoLog(t *testing.T) {
	e := start(t)
	dir := t.TempDir()
	whole, err := os.ReadFile(oldLog(t, 5000))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"cut.gz": whole[:len(whole)/2], "logs.zip": []byte("PK\x03\x04...."), "security.evtx": []byte("ElfFile\x00....")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		args string
		code int
		want string
	}{
		{"cut.gz", 1, "the rest is imported"},
		{"logs.zip", 2, "unpack it first"},
		{"security.evtx", 2, "its header is cut"},
		{"absent.log", 2, "no such file"},
		{". ", 2, "no regular file"},
		{"--device fortigat --again cut.gz", 2, `device: "fortigat" is unknown`},
		{"--timezone Asia/Tokio --again cut.gz", 2, `timezone: "Asia/Tokio" is unknown`},
	} {
		a := command(t, dir, "", append([]string{"import", "--data", e.dir}, strings.Fields(tt.args)...)...).wantCode(t, tt.code)
		wantWords(t, tt.args, a.err, tt.want)
	}
	e.until(30*time.Second, func() bool { return e.sql("SELECT count() > 1000 FROM events WHERE listener = 'import'") == "1" }, func() string { return "the lines before the damage are not there" })
}
