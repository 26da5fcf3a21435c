package agent

import (
	"encoding/base64"
	"encoding/json"
)

// jsonOf is text of what we made ourselves.
func jsonOf(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return []byte("{}\n")
	}
	return append(text, '\n')
}

// uuid names this instance as a cluster: it is that of our CA.
func (e *elastic) uuid() string {
	return base64.RawURLEncoding.EncodeToString(e.certs.authority.cert.SerialNumber.Bytes())
}

// license is what shippers look at: what kind there is, and that it is good.
func (e *elastic) license() map[string]any {
	return map[string]any{
		"status": "active", "uid": "00000000-0000-0000-0000-000000000000", "type": "basic", "mode": "basic",
		"issue_date": "2025-01-01T00:00:00.000Z", "issue_date_in_millis": 1735689600000,
		"max_nodes": 1000, "max_resource_units": nil, "issued_to": "yagura", "issuer": "elasticsearch", "start_date_in_millis": -1,
	}
}

func features() map[string]any {
	on := map[string]any{"available": true, "enabled": true}
	off := map[string]any{"available": false, "enabled": false}
	return map[string]any{"ilm": on, "data_streams": on, "security": on, "monitoring": off, "ml": off, "watcher": off}
}

func health() map[string]any {
	return map[string]any{
		"cluster_name": "yagura", "status": "green", "timed_out": false, "number_of_nodes": 1, "number_of_data_nodes": 1,
		"active_primary_shards": 1, "active_shards": 1, "relocating_shards": 0, "initializing_shards": 0, "unassigned_shards": 0,
		"delayed_unassigned_shards": 0, "number_of_pending_tasks": 0, "number_of_in_flight_fetch": 0,
		"task_max_waiting_in_queue_millis": 0, "active_shards_percent_as_number": 100.0,
	}
}

// nodes names us, as the sender reached us: clients that look for more nodes find one.
func (e *elastic) nodes(host, version string) map[string]any {
	return map[string]any{
		"_nodes":       map[string]any{"total": 1, "successful": 1, "failed": 0},
		"cluster_name": "yagura",
		"nodes": map[string]any{e.uuid(): map[string]any{
			"name": "yagura", "version": version, "build_flavor": "default", "roles": []string{"data", "ingest", "master"},
			"transport_address": host, "host": host, "ip": host,
			"http": map[string]any{"publish_address": host, "bound_address": []string{host}, "max_content_length_in_bytes": e.cfg.MaxBody},
		}},
	}
}
