package engine

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// setting is one ClickHouse setting as text.
type setting struct{ name, value string }

// transport are URL parameters that are no settings of a statement, as in
// ClickHouse's HTTPHandler, and settings of the wire that the gateway itself obeys.
var transport = words(`query database default_format user password query_id quota_key session_id session_timeout
	session_check close_session role stacktrace buffer_size wait_end_of_query compress decompress enable_http_compression
	http_zlib_compression_level network_compression_method network_zstd_compression_level client_protocol_version
	add_http_cors_header send_progress_in_http_headers http_headers_progress_interval_ms http_response_buffer_size
	http_write_exception_in_output_format readonly log_comment cancel_http_readonly_queries_on_client_close`)

// readerMay are the settings that a read-only account may choose. All others
// that it sends are dropped: clients send many that do not matter to the answer.
var readerMay = words(`max_execution_time max_result_rows max_result_bytes max_rows_to_read max_bytes_to_read max_memory_usage
	max_threads max_block_size timeout_overflow_mode result_overflow_mode read_overflow_mode session_timezone
	additional_table_filters limit offset extremes join_use_nulls transform_null_in use_query_cache
	date_time_output_format date_time_input_format group_by_overflow_mode max_rows_to_group_by optimize_read_in_order
	prefer_column_name_to_alias totals_mode final force_primary_key force_index_by_date use_skip_indexes`)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// readerAllows tells whether a read-only account may choose a setting. The file
// that output_format_schema names is written.
func readerAllows(name string) bool {
	return readerMay[name] || strings.HasPrefix(name, "format_csv_") ||
		strings.HasPrefix(name, "output_format_") && name != "output_format_schema"
}

// readerSettings are the settings of a read-only connection: what the client
// asked for, as far as it may choose, cut to the limits of the account.
func readerSettings(a Account, asked []setting) []setting {
	m := map[string]string{}
	for _, s := range asked {
		if readerAllows(s.name) {
			m[s.name] = s.value
		}
	}
	clamp(m, "max_execution_time", a.MaxExecutionTime.Seconds())
	clamp(m, "max_result_rows", float64(a.MaxResultRows))
	clamp(m, "max_result_bytes", float64(a.MaxResultBytes))
	clamp(m, "max_memory_usage", float64(a.MaxMemory))
	m["timeout_overflow_mode"] = "throw"
	if m["result_overflow_mode"] == "" {
		m["result_overflow_mode"] = "throw"
	}
	m["readonly"] = "1"
	return sorted(m)
}

// clamp cuts a numeric setting to limit. A value that is no number, and what
// ClickHouse reads as 0 and so as no limit, become the limit. The number is
// written anew: the engine may read another spelling otherwise.
func clamp(m map[string]string, name string, limit float64) {
	if limit <= 0 {
		return
	}
	v, err := strconv.ParseFloat(m[name], 64)
	if name != "max_execution_time" {
		v = math.Floor(v) // all others are whole numbers
	}
	if err != nil || !(v >= 0.001 && v <= limit) {
		v = limit
	}
	m[name] = strconv.FormatFloat(v, 'f', -1, 64)
}

func sorted(m map[string]string) []setting {
	out := make([]setting, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, setting{k, m[k]})
	}
	return out
}
