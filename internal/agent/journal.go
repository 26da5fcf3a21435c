package agent

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// JournalConfig is the input of systemd's journal. Zero values are the defaults.
type JournalConfig struct {
	Units     []string // only these; none: all
	Path      string   // folder of the journal; "" is the system's
	Beginning bool     // at the very first start all that is there is read
	Command   string   // "" is journalctl
}

// Journal reads systemd's journal through journalctl, which knows every version of
// its files. A record is the entry as journalctl prints it in JSON
// (systemd.journal-fields(7)), but for messages of bytes: see readable. The mark is
// its cursor.
type Journal struct {
	cfg    JournalConfig
	log    *slog.Logger
	key    string
	cursor string
	moved  bool
	held   []byte // an entry that the sink did not take

	entries chan []byte
	stop    context.CancelFunc
	ended   sync.WaitGroup
	retry   time.Time // when the program may be started again
	pause   time.Duration
}

// journalFields are the fields that are read: the others (machine and boot ids,
// security labels, invocation ids) are the longer part of an entry.
const journalFields = "MESSAGE,MESSAGE_ID,PRIORITY,SYSLOG_FACILITY,SYSLOG_IDENTIFIER,SYSLOG_PID,SYSLOG_TIMESTAMP,_HOSTNAME,_PID,_UID,_GID,_COMM,_EXE,_CMDLINE,_SYSTEMD_UNIT,_SYSTEMD_USER_UNIT,_TRANSPORT,_AUDIT_SESSION,_AUDIT_LOGINUID,UNIT,CONTAINER_ID,CONTAINER_NAME,_SOURCE_REALTIME_TIMESTAMP"

// NewJournal makes the input; nothing is started.
func NewJournal(cfg JournalConfig, log *slog.Logger) *Journal {
	if cfg.Command == "" {
		cfg.Command = "journalctl"
	}
	return &Journal{cfg: cfg, log: log, key: "journald/" + cfg.Path + "/" + strings.Join(cfg.Units, ",")}
}

// Name implements Input.
func (j *Journal) Name() string { return "journald" }

// Restore implements Input.
func (j *Journal) Restore(marks map[string]string) { j.cursor = marks[j.key] }

// Marks implements Input.
func (j *Journal) Marks(put func(key, value string)) {
	if j.moved {
		j.moved = false
		put(j.key, j.cursor)
	}
}

// Lag implements Input.
func (j *Journal) Lag() int64 { return -1 }

// Poll implements Input.
func (j *Journal) Poll(ctx context.Context, to *Sink) (more bool) {
	now := time.Now()
	if j.entries == nil && !j.start(ctx, now) {
		return false
	}
	for {
		if j.held == nil {
			select {
			case e, ok := <-j.entries:
				if !ok {
					j.lost(now)
					return false
				}
				j.held = e
			default:
				return false
			}
		}
		raw, encoding := readable(j.held)
		if !to.Put(&Record{Input: "journald", Read: now, Encoding: encoding, Raw: raw}) {
			return true
		}
		if c := cursorOf(j.held); c != "" {
			j.cursor, j.moved = c, true
		}
		j.held, j.pause = nil, 0
	}
}

// start starts the program where the last entry was.
func (j *Journal) start(ctx context.Context, now time.Time) bool {
	if now.Before(j.retry) {
		return false
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	cmd := exec.CommandContext(work, j.cfg.Command, j.args()...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		cmd.Stderr = &firstWords{}
		err = cmd.Start()
	}
	if err != nil {
		stop()
		j.log.Warn("journald: journalctl cannot be started; trying again", "err", err)
		j.lost(now)
		return false
	}
	entries := make(chan []byte, 256)
	j.entries, j.stop = entries, stop
	j.ended.Go(func() {
		defer close(entries)
		err := readEntries(work, out, entries)
		stop()
		_ = cmd.Wait()
		if said := cmd.Stderr.(*firstWords).String(); err != nil || said != "" {
			j.log.Warn("journald: journalctl ended", "err", err, "said", said)
		}
	})
	return true
}

func (j *Journal) args() []string {
	args := []string{"--output=json", "--all", "--follow", "--quiet", "--no-pager", "--output-fields=" + journalFields}
	switch {
	case j.cursor != "":
		args = append(args, "--no-tail", "--after-cursor="+j.cursor)
	case j.cfg.Beginning:
		args = append(args, "--no-tail")
	default:
		args = append(args, "--lines=0")
	}
	if j.cfg.Path != "" {
		args = append(args, "--directory="+j.cfg.Path)
	}
	for _, u := range j.cfg.Units {
		args = append(args, "--unit="+u)
	}
	return args
}

// lost waits a growing while before the next start.
func (j *Journal) lost(now time.Time) {
	j.entries = nil
	j.pause = min(max(2*j.pause, time.Second), time.Minute)
	j.retry = now.Add(j.pause)
}

// Close implements Input.
func (j *Journal) Close() error {
	if j.stop != nil {
		j.stop()
	}
	j.ended.Wait()
	return nil
}

// readEntries cuts the program's output into lines. What is longer than a record may
// be is cut.
func readEntries(ctx context.Context, out io.Reader, to chan<- []byte) error {
	r := bufio.NewReaderSize(out, 64<<10)
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line) <= MaxRaw {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			select {
			case to <- line:
			case <-ctx.Done():
				return nil
			}
		}
		line = nil
	}
}

// cursorOf is the entry's cursor, "" when it has none. The name in quotes cannot
// stand inside a value: there its quotes would be escaped.
func cursorOf(entry []byte) string {
	_, rest, ok := bytes.Cut(entry, []byte(`"__CURSOR"`))
	if !ok {
		return ""
	}
	rest = bytes.TrimLeft(rest, " :")
	if len(rest) == 0 || rest[0] != '"' {
		return ""
	}
	cursor, _, ok := bytes.Cut(rest[1:], []byte(`"`))
	if !ok {
		return ""
	}
	return string(cursor)
}

// firstWords keeps the beginning of what a program says.
type firstWords struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (w *firstWords) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, b[:min(len(b), 512-len(w.text))]...)
	return len(b), nil
}

// String is what was kept.
func (w *firstWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.TrimSpace(string(w.text))
}
