package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"yagura/cmd/yagura/config"
	"yagura/ingest/parse"
	"yagura/ingest/syslog"
	"yagura/internal/event"
)

type parseCmd struct {
	Config   string   `short:"c" help:"Configuration whose parsers are used, too." placeholder:"FILE" env:"YAGURA_CONFIG"`
	Parsers  []string `help:"Parsers by configuration: a file, or a folder of them; may be given several times." placeholder:"PATH"`
	Device   string   `help:"Device family; found by content when left out." placeholder:"NAME"`
	Timezone string   `help:"Zone of times without one." default:"Asia/Tokyo" placeholder:"ZONE"`
	Received string   `help:"Receive time (RFC 3339), or an age; now when left out: decides the year of yearless times." placeholder:"TIME"`
	Encoding string   `help:"Encoding of the lines." enum:"auto,utf-8,cp932,euc-jp,iso-2022-jp" default:"auto"`
	Framing  string   `help:"How messages are cut: newline, or octet (RFC 6587 counted, for messages that hold newlines)." enum:"newline,octet" default:"newline"`
	Files    []string `arg:"" optional:"" help:"Files; standard input when left out or -." name:"FILE"`
}

// Run prints one JSON object for each message, in order.
func (c *parseCmd) Run(r *run) error {
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil {
		return invalid{fmt.Errorf("--timezone %s: unknown; want a zone such as Asia/Tokyo", c.Timezone)}
	}
	custom, err := c.custom(r)
	if err != nil {
		return invalid{err}
	}
	if devices := append(parse.Devices(), custom.Names...); c.Device != "" && !slices.Contains(devices, c.Device) {
		return invalid{fmt.Errorf("--device %s: unknown; want %s", c.Device, config.Suggestion(c.Device, devices))}
	}
	var received time.Time
	if c.Received != "" {
		if received, err = parseWhen(c.Received, time.Now()); err != nil {
			return invalid{fmt.Errorf("--received %s: %w", c.Received, err)}
		}
	}
	p := &linePrinter{
		out: bufio.NewWriterSize(r.Out, 64<<10), parser: parse.NewSet(custom.Loaded...).New(), received: received,
		settings: parse.Settings{Device: c.Device, Location: zone, Encoding: c.Encoding},
	}
	for _, name := range inputs(c.Files) {
		if err := eachInput(name, r.In, func(f io.Reader) error { return p.all(f, c.Framing == "octet") }); err != nil {
			return err
		}
	}
	return p.out.Flush()
}

// custom loads the parsers by configuration. Those that are asked for by name must
// be sound; of those of a configuration the sound ones are used, as up does.
func (c *parseCmd) custom(r *run) (config.Parsers, error) {
	all, err := config.LoadParsers(c.Parsers...)
	if err = errors.Join(err, errors.Join(all.Faults...)); err != nil || c.Config == "" {
		return all, err
	}
	cfg, err := config.Load(c.Config, os.Environ())
	if err != nil {
		return all, err
	}
	for _, f := range cfg.Custom.Faults {
		fmt.Fprintln(r.Err, "warning:", f)
	}
	all.Loaded = append(all.Loaded, cfg.Custom.Loaded...)
	all.Names = append(all.Names, cfg.Custom.Names...)
	return all, nil
}

func inputs(files []string) []string {
	if len(files) == 0 {
		return []string{"-"}
	}
	return files
}

// eachInput opens a file, or takes standard input for "-".
func eachInput(name string, in io.Reader, use func(io.Reader) error) error {
	if name == "-" {
		return use(in)
	}
	f, err := os.Open(name)
	if err != nil {
		return invalid{err}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return invalid{fmt.Errorf("%s is a folder; want files", name)}
	}
	if err := use(f); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// linePrinter turns messages into JSON Lines.
type linePrinter struct {
	out      *bufio.Writer
	parser   *parse.Parser
	settings parse.Settings
	received time.Time
	draft    event.Draft
	builder  event.Builder
	buf      []byte
}

func (p *linePrinter) all(in io.Reader, octet bool) error {
	next := syslog.NewFramer(in, event.MaxRaw, syslog.Newline).Next
	if octet {
		next = countedMessages(in)
	}
	for {
		frame, err := next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := p.one(frame); err != nil {
			return err
		}
	}
}

// countedMessages reads RFC 6587 octet-counted messages, strictly: unlike a
// listener, which must guess, it was told what comes, and an empty message counts.
func countedMessages(in io.Reader) func() (syslog.Frame, error) {
	br := bufio.NewReaderSize(in, 64<<10)
	var buf []byte
	n := 0
	return func() (syslog.Frame, error) {
		n++
		head, err := br.ReadSlice(' ') // bounded by the buffer
		if err == io.EOF && len(bytes.TrimSpace(head)) == 0 {
			return syslog.Frame{}, io.EOF
		}
		text := string(head[:min(len(head), 64)])
		size, perr := strconv.ParseUint(strings.TrimSpace(text), 10, 24)
		if err != nil || perr != nil {
			return syslog.Frame{}, invalid{fmt.Errorf("message %d: found %.20q; want a length below 16 MiB and a blank (RFC 6587)", n, text)}
		}
		buf = append(buf[:0], make([]byte, size)...)
		if _, err := io.ReadFull(br, buf); err != nil {
			return syslog.Frame{}, invalid{fmt.Errorf("message %d: the input ends before its %d bytes", n, size)}
		}
		return syslog.Frame{Data: buf, Original: len(buf), Counted: true}, nil
	}
}

func (p *linePrinter) one(frame syslog.Frame) error {
	fillFrame(&p.draft, frame)
	p.draft.Received = p.received
	if p.received.IsZero() {
		p.draft.Received = time.Now()
	}
	p.parser.Parse(&p.draft, &p.settings)
	p.builder.Reset()
	p.builder.Append(&p.draft)
	block, err := p.builder.Block(event.ID{}, p.draft.Received)
	if err != nil {
		return err
	}
	p.buf = append(block.Event(0).AppendJSON(p.buf[:0]), '\n')
	_, err = p.out.Write(p.buf)
	return err
}

// fillFrame puts a frame into the draft as a listener does.
func fillFrame(d *event.Draft, f syslog.Frame) {
	d.Reset(f.Data)
	if f.Original > len(f.Data) {
		d.Truncated(f.Original)
	}
	if f.Damaged != "" && f.Damaged != syslog.DamagedEnd { // a file may end without a newline
		d.Anomaly(f.Damaged)
	}
}
