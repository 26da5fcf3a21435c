package engine

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
)

// ErrInUse is wrapped when another engine holds the data folder.
var ErrInUse = errors.New("data folder is in use by another engine")

// lock makes the data folder and claims it for this process.
func lock(data string) (release func(), err error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	f := flock.New(filepath.Join(data, "engine.lock"), flock.SetPermissions(0o600))
	ok, err := f.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	if !ok {
		pid, _ := os.ReadFile(f.Path())
		return nil, fmt.Errorf("%w: %s (pid %s); stop it or choose another folder", ErrInUse, data, strings.TrimSpace(string(pid)))
	}
	if err := os.WriteFile(f.Path(), fmt.Appendln(nil, os.Getpid()), 0o600); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	return func() { f.Close() }, nil
}

// grants is what any session of the engine may ever do. No source outside the
// data folder is among it (FILE, URL, REMOTE, S3, …), so that the engine itself
// refuses file(), url(), remote() and their kin whatever path leads to them.
const grants = "GRANT SELECT, INSERT, ALTER, CREATE, DROP, TRUNCATE, OPTIMIZE, SHOW, SYSTEM, KILL QUERY, BACKUP ON *.*"

// writeConfig writes the engine's configuration into the data folder and returns
// the argument that names it. The engine reads it when the first connection opens.
func writeConfig(c Config) (string, error) {
	for _, d := range []string{"db", "user_files", "backups", "tmp"} {
		if err := os.MkdirAll(filepath.Join(c.Data, d), 0o700); err != nil {
			return "", fmt.Errorf("make data folder: %w", err)
		}
	}
	users := element("users", element("default", element("password", "")+
		element("networks", element("ip", "::/0"))+element("profile", "default")+element("quota", "default")+
		element("grants", element("query", grants)))) +
		element("profiles", element("default", "")) + element("quotas", element("default", ""))
	usersPath := filepath.Join(c.Data, "users.xml")
	n := func(v any) string { return fmt.Sprint(v) }
	server := element("max_server_memory_usage", n(c.MemoryLimit)) +
		element("mark_cache_size", n(c.MarkCache)) +
		element("index_mark_cache_size", n(c.MarkCache/4)) +
		element("uncompressed_cache_size", "0") +
		element("max_thread_pool_size", "512") +
		element("background_pool_size", n(c.MergeThreads)) +
		element("background_merges_mutations_concurrency_ratio", "2") +
		// New parts are merged soon: quick LZ4 for them, ZSTD for what stays.
		element("compression", element("case",
			element("min_part_size", n(64<<20))+element("min_part_size_ratio", "0")+
				element("method", "zstd")+element("level", "1"))) +
		element("merge_tree",
			// Fewer, wider merges: 1.0 instead of 1.6 rewrites of a row among the first
			// three million. Older parts are merged whatever their number.
			element("merge_selector_base", "12")+
				// Statistics of every column help joins, of which there are none here.
				element("auto_statistics_types", "")+
				element("number_of_free_entries_in_pool_to_lower_max_size_of_merge", n(c.MergeThreads))+
				element("number_of_free_entries_in_pool_to_execute_mutation", "1")+
				element("number_of_free_entries_in_pool_to_execute_optimize_entire_partition", "1")) +
		element("users_config", escapeXML(usersPath)) +
		element("user_files_path", escapeXML(filepath.Join(c.Data, "user_files")+"/")) +
		element("tmp_path", escapeXML(filepath.Join(c.Data, "tmp")+"/")) +
		element("backups", element("allowed_path", escapeXML(filepath.Join(c.Data, "backups")+"/")))
	path := filepath.Join(c.Data, "engine.xml")
	for p, body := range map[string]string{usersPath: users, path: server} {
		if err := renameio.WriteFile(p, []byte(element("clickhouse", body)), 0o600); err != nil {
			return "", fmt.Errorf("write engine configuration: %w", err)
		}
	}
	return "--config-file=" + path, nil
}

func element(name, body string) string { return "<" + name + ">" + body + "</" + name + ">\n" }

func escapeXML(s string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return ""
	}
	return b.String()
}
