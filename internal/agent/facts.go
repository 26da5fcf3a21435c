package agent

import (
	"context"
	"encoding/json"
	"path/filepath"
	"runtime"
	"time"
)

// facts is the input that reports on the host itself: how far its clock is off, how
// full the volumes of the logs are, how far the agent is behind.
type facts struct {
	agent *Agent
	last  time.Time
}

func newFacts(a *Agent) *facts { return &facts{agent: a} }

// Name implements Input.
func (f *facts) Name() string { return "agent" }

// Restore implements Input.
func (f *facts) Restore(map[string]string) {}

// Marks implements Input.
func (f *facts) Marks(func(key, value string)) {}

// Lag implements Input.
func (f *facts) Lag() int64 { return 0 }

// Close implements Input.
func (f *facts) Close() error { return nil }

// firstFacts is how long the first report waits for the clock to be measured.
const firstFacts = 3 * time.Second

// Poll implements Input.
func (f *facts) Poll(_ context.Context, to *Sink) bool {
	now := time.Now()
	if f.last.IsZero() {
		f.last = now.Add(firstFacts - f.agent.cfg.Facts)
	}
	if now.Sub(f.last) < f.agent.cfg.Facts {
		return false
	}
	reports := append([]map[string]any{f.state(now)}, f.volumes(now)...)
	for _, r := range reports {
		text, err := json.Marshal(r)
		if err != nil || !to.Put(&Record{Input: "agent", Read: now, Raw: text}) {
			return true
		}
	}
	f.last = now
	return false
}

func (f *facts) head(now time.Time, dataset string) map[string]any {
	return map[string]any{
		"@timestamp": now.UTC().Format(time.RFC3339Nano), "event.kind": "metric", "event.module": "yagura", "event.dataset": dataset,
		"event.category": "host", "event.type": "info", "host.name": f.agent.cfg.Host, "agent.version": f.agent.cfg.Version, "agent.type": "yagura",
	}
}

// state is the report on the agent.
func (f *facts) state(now time.Time) map[string]any {
	r := f.head(now, "yagura.agent")
	s := f.agent.spool.State()
	r["event.action"] = "agent-state"
	r["message"] = "state of the agent"
	r["host.os.name"] = runtime.GOOS
	r["host.architecture"] = runtime.GOARCH
	r["yagura.agent.spool.bytes"] = s.Bytes
	r["yagura.agent.spool.max"] = s.Max
	r["yagura.agent.spool.records"] = s.Records
	r["yagura.agent.spool.damaged"] = s.Damaged
	r["yagura.agent.lag.bytes"] = f.agent.lags()
	r["yagura.agent.dropped"] = 0 // a full spool stops the reading
	if offset, known := f.agent.clock.now(); known {
		r["yagura.clock_offset"] = float64(offset.Milliseconds()) / 1000
	}
	return r
}

// maxVolumes bounds the volumes that are reported.
const maxVolumes = 16

// volumes reports on each volume that holds logs or the spool.
func (f *facts) volumes(now time.Time) (all []map[string]any) {
	seen := map[uint64]bool{}
	for _, dir := range f.folders() {
		v, ok := volumeOf(dir)
		if !ok || seen[v.id] || len(all) == maxVolumes {
			continue
		}
		seen[v.id] = true
		r := f.head(now, "system.filesystem")
		r["event.action"] = "filesystem-state"
		r["message"] = "state of a volume"
		r["system.filesystem.mount_point"] = dir
		r["system.filesystem.total"] = v.total
		r["system.filesystem.used.bytes"] = v.used
		r["system.filesystem.available"] = v.free
		r["system.filesystem.used.pct"] = float64(int(1000*v.share())) / 1000
		all = append(all, r)
	}
	return all
}

// folders are those that are read and written.
func (f *facts) folders() []string {
	all := []string{f.agent.cfg.Folder}
	for _, in := range f.agent.inputs {
		if files, ok := in.(*Files); ok {
			for _, p := range files.cfg.Patterns {
				all = append(all, filepath.Dir(p))
			}
		}
	}
	return all
}

// volume is a file system.
type volume struct{ id, total, used, free uint64 }

// share is how full it is: 1 when its users can write no more.
func (v volume) share() float64 {
	if v.used+v.free == 0 {
		return 0
	}
	return float64(v.used) / float64(v.used+v.free)
}
