package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"yagura/cmd/yagura/config"
	runner "yagura/cmd/yagura/run"
	"yagura/detect"
	"yagura/ingest/archive"
	"yagura/ingest/syslog"
	"yagura/internal/event"
)

type detectCmd struct {
	Config string   `short:"c" help:"Configuration: zones, assets, sources, time zone." placeholder:"FILE"`
	Rules  []string `help:"Rule files or folders; the configuration's when left out. May be repeated." placeholder:"PATH"`
	Input  string   `help:"What the files hold: syslog lines, JSON events, or either (auto)." enum:"auto,syslog,json" default:"auto"`
	Files  []string `arg:"" optional:"" help:"Files, packed ones and Windows event logs (.evtx) too; standard input when left out or -." name:"FILE"`
}

// Run prints one JSON alert a line. The same input gives the same output.
func (c *detectCmd) Run(r *run) error {
	cfg, err := config.Load(c.Config, nil)
	if err != nil {
		return invalid{err}
	}
	handlers, err := runner.NewHandlers(cfg)
	if err != nil {
		return invalid{err}
	}
	paths := cfg.Rules
	if len(c.Rules) > 0 {
		paths = c.Rules
	}
	program, report, err := runner.LoadRules(paths, handlers, false)
	if err != nil {
		return invalid{err}
	}
	for _, w := range report.Warnings {
		fmt.Fprintln(r.Err, "warning:", w)
	}
	if len(report.Errors) > 0 {
		return invalid{errors.Join(report.Errors...)}
	}
	o := newOffline(r.Out, handlers, detect.NewEngine(program, runner.EngineConfig(cfg, handlers)))
	for _, name := range inputs(c.Files) {
		if err := eachInput(name, r.In, func(f io.Reader) error { return o.file(f, c.Input) }); err != nil {
			return err
		}
	}
	return o.finish()
}

// receivedOf is the time that yearless times are read against: the file's
// modification time, so that an old file keeps its year. For a pipe it is now.
func receivedOf(in io.Reader) time.Time {
	if f, ok := in.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return info.ModTime()
		}
	}
	return time.Now()
}

// offline runs the engine over files, block by block as in life.
type offline struct {
	out     *bufio.Writer
	handler *runner.Handler
	engine  *detect.Engine
	draft   event.Draft
	builder event.Builder
	seq     uint64
	last    time.Time
}

func newOffline(w io.Writer, h *runner.Handlers, e *detect.Engine) *offline {
	return &offline{out: bufio.NewWriter(w), handler: h.New(), engine: e}
}

// file unpacks and reads a file.
func (o *offline) file(in io.Reader, kind string) error {
	text, _, err := archive.Open(in)
	if err != nil {
		return invalid{err}
	}
	defer text.Close()
	return o.read(text, kind, receivedOf(in))
}

func (o *offline) read(in io.Reader, kind string, received time.Time) error {
	return eachRecord(in, kind, func(f syslog.Frame) error { return o.line(f, received) })
}

// eachRecord cuts a file into messages: one a line, or the items of one JSON array.
// kind is syslog, json, or auto for either.
func eachRecord(in io.Reader, kind string, use func(syslog.Frame) error) error {
	br := bufio.NewReaderSize(in, 64<<10)
	if kind != "syslog" {
		whole, isArray, err := jsonArray(br, kind == "json")
		if err != nil {
			return err
		}
		if isArray {
			for _, raw := range whole {
				if err := use(syslog.Frame{Data: raw}); err != nil {
					return err
				}
			}
			return nil
		}
	}
	framer := syslog.NewFramer(br, event.MaxRaw, syslog.Newline)
	for {
		frame, err := framer.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := use(frame); err != nil {
			return err
		}
	}
}

// Bounds of a JSON array, which must be read whole.
const maxArray = 256 << 20

// jsonArray reads a file that is one JSON array of events, or one event over
// several lines. Anything else is left to be read line by line.
func jsonArray(br *bufio.Reader, sure bool) (items []json.RawMessage, ok bool, err error) {
	head, _ := br.Peek(64)
	for len(head) > 0 && (head[0] == ' ' || head[0] == '\n' || head[0] == '\r' || head[0] == '\t' || head[0] == 0xef || head[0] == 0xbb || head[0] == 0xbf) {
		head = head[1:]
	}
	pretty := sure && len(head) > 1 && head[0] == '{' && (head[1] == '\n' || head[1] == '\r')
	if len(head) == 0 || (head[0] != '[' && !pretty) {
		return nil, false, nil
	}
	if head[0] == '[' && (len(head) < 2 || (head[1] != '{' && head[1] != '\n' && head[1] != '\r' && head[1] != ' ')) {
		return nil, false, nil
	}
	text, err := io.ReadAll(io.LimitReader(br, maxArray+1))
	if err != nil {
		return nil, true, err
	}
	if len(text) > maxArray {
		return nil, true, fmt.Errorf("a JSON array of more than %d MiB; want one event a line", maxArray>>20)
	}
	if pretty {
		return []json.RawMessage{text}, true, nil
	}
	if err := json.Unmarshal(text, &items); err != nil {
		return nil, true, invalid{fmt.Errorf("read the JSON array: %w", err)}
	}
	return items, true, nil
}

func (o *offline) line(f syslog.Frame, received time.Time) error {
	fillFrame(&o.draft, f)
	o.draft.Received = received
	o.draft.Flags |= event.FlagHistory // old lines are no wrong clock
	o.handler.Handle(&o.draft)
	o.builder.Append(&o.draft)
	o.last = received
	if o.builder.Full() {
		return o.flush()
	}
	return nil
}

func (o *offline) flush() error {
	if o.builder.Len() == 0 {
		return nil
	}
	o.seq++
	block, err := o.builder.Block(event.ID{Tenant: "offline", Node: "detect", Seq: o.seq}, o.last)
	if err != nil {
		return err
	}
	o.builder.Reset()
	_, alerts := o.engine.Block(block, o.seq)
	return o.print(alerts)
}

func (o *offline) print(alerts []event.Alert) error {
	for _, a := range alerts {
		text, err := json.Marshal(offlineAlert(a))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(o.out, "%s\n", text); err != nil {
			return err
		}
	}
	return nil
}

func (o *offline) finish() error {
	if err := o.flush(); err != nil {
		return err
	}
	if err := o.print(o.engine.Settle()); err != nil {
		return err
	}
	return o.out.Flush()
}

// flatAlert is the alert as the contract of `yagura detect` names its keys: the
// group as an object, and the entities of the events at the top.
type flatAlert struct {
	event.Alert
	Group map[string]string `json:"alert.group"`
}

func offlineAlert(a event.Alert) flatAlert {
	f := flatAlert{Alert: a, Group: map[string]string{}}
	for _, p := range a.Group {
		f.Group[p.Name] = p.Value
	}
	return f
}
