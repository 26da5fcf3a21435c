package config

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"time"

	"yagura/internal/agent"
)

// AgentFile is agent.yaml, the configuration of the host agent. Every key has a
// default.
type AgentFile struct {
	Servers []string      `yaml:"servers"` // https://log01:8443; the next one when that has failed for 15 s; none: what the agent was enrolled at
	Folder  string        `yaml:"folder"`  // identity and spool
	Host    string        `yaml:"host"`    // name of this host in events; "" is the system's
	Inputs  []AgentInput  `yaml:"inputs"`
	Spool   AgentSpool    `yaml:"spool"`
	Limits  AgentLimits   `yaml:"limits"`
	Facts   time.Duration `yaml:"facts"` // how often the host's state is reported; 5m
	Log     Log           `yaml:"log"`
}

// AgentInput is one thing that is read: files, the journal, or the Windows event log.
type AgentInput struct {
	Files     []string       `yaml:"files"` // patterns: /var/log/*.log
	Exclude   []string       `yaml:"exclude"`
	Encoding  string         `yaml:"encoding"` // auto, or what the files are in
	Multiline AgentMultiline `yaml:"multiline"`
	Start     string         `yaml:"start"`   // at the very first start: end, or beginning
	Partial   time.Duration  `yaml:"partial"` // a last line without an end is taken after this; 1m
	Journald  AgentJournal   `yaml:"journald"`
	Winlog    AgentWinlog    `yaml:"winlog"`

	Kind string `yaml:"-"` // files, journald or winlog
}

// AgentMultiline says which lines are one record.
type AgentMultiline struct {
	Start    string `yaml:"start"`    // regular expression of a record's first line
	Indented bool   `yaml:"indented"` // lines that begin with a blank belong to the one before
	Max      int    `yaml:"max"`      // lines of a record; 500
}

// AgentJournal is systemd's journal.
type AgentJournal struct {
	Units []string `yaml:"units"` // none: all
	Path  string   `yaml:"path"`  // folder; "" is the system's
}

// AgentWinlog is the Windows event log.
type AgentWinlog struct {
	Channels []string `yaml:"channels"`
}

// AgentSpool bounds what waits on disk.
type AgentSpool struct {
	Max Size `yaml:"max"` // 1GiB; when it is full nothing is read: files wait
}

// AgentLimits bound the agent.
type AgentLimits struct {
	Memory Size `yaml:"memory"` // of the Go runtime, softly; 128MiB
	Rate   int  `yaml:"rate"`   // records a second; none
}

// DefaultAgent returns the built-in settings of the agent.
func DefaultAgent() AgentFile {
	folder := "/var/lib/yagura-agent"
	if runtime.GOOS == "windows" {
		folder = `C:\ProgramData\yagura-agent`
	}
	return AgentFile{
		Folder: folder, Spool: AgentSpool{Max: 1 << 30}, Limits: AgentLimits{Memory: 128 << 20},
		Facts: 5 * time.Minute, Log: Log{Level: "info"},
	}
}

// LoadAgent reads agent.yaml over the defaults. The error joins every fault found.
func LoadAgent(path string) (AgentFile, error) {
	f := DefaultAgent()
	d := &decoder{path: path, place: map[string]position{}}
	if path != "" {
		if err := d.file(path, reflect.ValueOf(&f).Elem()); err != nil {
			return f, err
		}
	}
	d.agentFile(&f)
	if len(d.errs) > 0 {
		slices.SortStableFunc(d.errs, byPlace)
		return f, errors.Join(d.errs...)
	}
	if path != "" && !filepath.IsAbs(f.Folder) {
		f.Folder = filepath.Join(filepath.Dir(path), f.Folder)
	}
	return f, nil
}

// agentFile checks what types cannot say.
func (d *decoder) agentFile(f *AgentFile) {
	for i, s := range f.Servers {
		if u, err := url.Parse(s); err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" && u.Path != "/" {
			d.fail(fmt.Sprintf("servers[%d]", i), fmt.Sprintf("found %q", s), "want an address such as https://log01:8443")
		}
	}
	if f.Folder == "" {
		d.fail("folder", `found ""`, "want a folder")
	}
	d.oneOf("log.level", f.Log.Level, "debug", "info", "warn", "error")
	d.between("spool.max", int64(f.Spool.Max), 16<<20, 1<<50, "a size from 16MiB up")
	d.between("limits.memory", int64(f.Limits.Memory), 32<<20, 1<<50, "a size from 32MiB up")
	d.between("limits.rate", int64(f.Limits.Rate), 1, 1<<30, "")
	d.between("facts", int64(f.Facts), int64(time.Second), int64(24*time.Hour), "a duration from 1s to 24h")
	for i := range f.Inputs {
		d.agentInput(fmt.Sprintf("inputs[%d]", i), &f.Inputs[i])
	}
}

func (d *decoder) agentInput(field string, in *AgentInput) {
	var kinds []string
	for _, k := range []string{"files", "journald", "winlog"} {
		if _, set := d.place[field+"."+k]; set {
			kinds = append(kinds, k)
		}
	}
	if len(kinds) != 1 {
		d.fail(field, fmt.Sprintf("%d of files, journald and winlog", len(kinds)), `want one of them: {files: ["/var/log/*.log"]}`)
		return
	}
	in.Kind = kinds[0]
	if in.Start == "" {
		in.Start = "end"
	}
	d.oneOf(field+".start", in.Start, "end", "beginning")
	if in.Encoding != "" {
		d.oneOf(field+".encoding", in.Encoding, agent.Encodings...)
	}
	switch {
	case in.Kind == "files" && len(in.Files) == 0:
		d.fail(field+".files", "no pattern", `want some: ["/var/log/*.log"]`)
	case in.Kind == "winlog" && len(in.Winlog.Channels) == 0:
		d.fail(field+".winlog", "no channels", "want some: {channels: [Security, System]}")
	}
	for i, p := range append(slices.Clone(in.Files), in.Exclude...) {
		if _, err := filepath.Match(p, "x"); err != nil {
			d.fail(field+".files", fmt.Sprintf("pattern %d, %q, is damaged", i+1, p), "close its brackets")
		}
	}
	for i, p := range in.Files {
		if !filepath.IsAbs(p) {
			d.fail(fmt.Sprintf("%s.files[%d]", field, i), fmt.Sprintf("found %q", p), "want a whole path: /var/log/*.log")
		}
	}
	if in.Kind != "files" && !reflect.DeepEqual(AgentInput{Kind: in.Kind, Start: in.Start, Journald: in.Journald, Winlog: in.Winlog}, *in) {
		d.fail(field, "a key of files beside "+in.Kind, "want start only")
	}
	d.multiline(field+".multiline", in.Multiline)
}

func (d *decoder) multiline(field string, m AgentMultiline) {
	if _, err := regexp.Compile(m.Start); err != nil {
		d.fail(field+".start", fmt.Sprintf("found %q", m.Start), "want a regular expression: "+err.Error())
	}
	if m.Start != "" && m.Indented {
		d.fail(field, "start and indented", "want one of them")
	}
	d.between(field+".max", int64(m.Max), 1, 100_000, "")
}
