package run

import (
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"yagura/cmd/yagura/config"
	"yagura/detect"
	"yagura/internal/event"
	"yagura/rules"
)

// Builtin names the rules in the binary in the key rules.
const Builtin = "builtin"

// RuleSources returns the trees of rule files that paths name: "builtin", folders
// and files.
func RuleSources(paths []string) ([]detect.Source, error) {
	var all []detect.Source
	for _, p := range paths {
		if p == Builtin {
			all = append(all, detect.Source{Name: Builtin, FS: rules.Files()})
			continue
		}
		info, err := os.Stat(p)
		if err != nil {
			return nil, fmt.Errorf("rules: %w; want %q, a folder or a file", err, Builtin)
		}
		if info.IsDir() {
			all = append(all, detect.Source{Name: p, FS: os.DirFS(p)})
			continue
		}
		dir, name := filepath.Split(p)
		all = append(all, detect.Source{Name: filepath.Clean(dir + "."), FS: oneFile{os.DirFS(filepath.Clean(dir + ".")), name}})
	}
	return all, nil
}

// oneFile shows a single file of a folder.
type oneFile struct {
	fs.FS
	name string
}

// Open implements fs.FS.
func (o oneFile) Open(name string) (fs.File, error) {
	if name != "." && name != o.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return o.FS.Open(name)
}

// ReadDir implements fs.ReadDirFS.
func (o oneFile) ReadDir(name string) ([]fs.DirEntry, error) {
	info, err := fs.Stat(o.FS, o.name)
	if err != nil || name != "." {
		return nil, err
	}
	return []fs.DirEntry{fs.FileInfoToDirEntry(info)}, nil
}

// LoadRules compiles the rules of the paths. Rules that fail their own tests are
// left out and reported, when tested is set.
func LoadRules(paths []string, handlers *Handlers, tested bool) (*detect.Program, detect.Report, error) {
	sources, err := RuleSources(paths)
	if err != nil {
		return nil, detect.Report{}, err
	}
	cfg := detect.LoadConfig{Mapping: rules.Mapping()}
	program, report := detect.Load(cfg, sources...)
	if !tested {
		return program, report, nil
	}
	cfg.Skip = map[string]bool{}
	parse, err := TestParse()
	if err != nil {
		return nil, report, err
	}
	for _, r := range program.Test(parse, handlers.zone) {
		if !r.Passed {
			cfg.Skip[r.Rule] = true
			report.Errors = append(report.Errors, r)
		}
	}
	if len(cfg.Skip) > 0 {
		program, _ = detect.Load(cfg, sources...)
	}
	return program, report, nil
}

// TestParse parses the lines of rules' own tests as a listener would, in the zones
// that the tests are written for: a rule must not fail them because this body's
// addresses are others.
func TestParse() (detect.Parse, error) {
	cfg := config.Default()
	for id, network := range rules.TestZones() {
		cfg.Zones = append(cfg.Zones, config.Zone{ID: id, Networks: []netip.Prefix{network}})
	}
	all, err := NewHandlers(cfg)
	if err != nil {
		return nil, err
	}
	handler, d := all.New(), &event.Draft{}
	return func(line string, received time.Time) (*event.Draft, error) {
		d.Reset([]byte(line))
		d.Received = received
		handler.Handle(d)
		return d, nil
	}, nil
}

// EngineConfig is the detection engine's configuration.
func EngineConfig(cfg config.Config, h *Handlers) detect.EngineConfig {
	return detect.EngineConfig{Location: h.zone, Tenant: cfg.Tenant}
}
