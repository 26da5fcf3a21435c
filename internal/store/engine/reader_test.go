package engine

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A read-only account must not write, nor reach a file or the network, nor lift
// its limits, whatever words it finds.
func TestReadOnly(t *testing.T) {
	e := startEngine(t, nil)
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.csv")
	if err := os.WriteFile(secret, []byte("geheim,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var hits atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		w.WriteHeader(http.StatusNotFound)
	}))
	defer srv.Close()
	e.sql("writer", "CREATE TABLE t (a UInt32, s String) ENGINE = MergeTree ORDER BY a")
	e.sql("writer", "INSERT INTO t SELECT number, toString(number) FROM numbers(100)")

	u, hostport := srv.URL, strings.TrimPrefix(srv.URL, "http://")
	for _, sql := range []string{
		// sources outside
		"SELECT * FROM url('U', 'CSV', 'a String')", "DESCRIBE TABLE url('U', 'CSV')", "DESCRIBE url('U', 'CSV', 'a String')",
		"SELECT * FROM /* c */ url /* c */ ('U', 'CSV')", `SELECT * FROM "url"('U', 'CSV')`, "SELECT * FROM `u\\x72l`('U', 'CSV')",
		"SELECT * FROM URL('U', 'CSV')", "EXPLAIN SELECT * FROM url('U', 'CSV')", "WITH x AS (SELECT * FROM url('U', 'CSV')) SELECT 1",
		"SELECT * FROM s3('U/bucket/key', 'CSV')", "DESCRIBE s3('U/bucket/key', 'CSV')", "SELECT * FROM s3Cluster('default', 'U/bucket/key')",
		"SELECT * FROM gcs('U/bucket/key', 'CSV')", "SELECT * FROM iceberg('U/bucket/key')", "SELECT * FROM deltaLake('U/bucket/key')",
		"SELECT * FROM hudi('U/bucket/key')", "SELECT * FROM azureBlobStorage('DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=U/a;', 'c', 'b', 'CSV')",
		"SELECT * FROM remote('HP', 'system.one')", "DESCRIBE remote('HP', 'system.one')", "SELECT * FROM remoteSecure('HP', 'system.one')",
		"SELECT * FROM mysql('HP', 'a', 'b', 'c', 'd')", "SELECT * FROM postgresql('HP', 'a', 'b', 'c', 'd')", "SELECT * FROM mongodb('HP', 'a', 'b', 'c', 'd', 'e Int8')",
		"SELECT * FROM redis('HP', 'a', 'a String')", "SELECT * FROM hdfs('hdfs://HP/a', 'CSV')", "SELECT * FROM jdbc('U', 'a', 'b')", "SELECT * FROM odbc('U', 'a', 'b')",
		"SELECT * FROM cluster('default', system.one)", "SELECT * FROM clusterAllReplicas('default', system.one)", "SELECT * FROM urlCluster('default', 'U', 'CSV')",
		// files
		"SELECT * FROM file('SECRET', 'CSV')", "DESCRIBE file('SECRET')", "SELECT file('SECRET')", "SELECT FILE('SECRET')", `SELECT "file"('SECRET')`,
		"SELECT `f\\x69le`('SECRET')", "SELECT fi/**/le('SECRET')", "SELECT file\n--\n('SECRET')", "SELECT * FROM 'SECRET'", "SELECT * FROM `SECRET`", "SELECT * FROM default.`SECRET`",
		"DESCRIBE `SECRET`", "EXISTS `SECRET`", "EXISTS TABLE default.`SECRET`", "SHOW CREATE TABLE `SECRET`", "SELECT 1 IN `SECRET`", "SELECT dictGet('SECRET', 'a', 1)",
		"SELECT joinGet('SECRET', 'a', 1)", "SELECT * FROM filesystem('/')", "SELECT * FROM fileCluster('default', 'SECRET', 'CSV')", "SELECT * FROM sqlite('SECRET', 'a')",
		"SELECT catboostEvaluate('SECRET', 1)", "SELECT * FROM executable('cat', 'TSV', 'a String')", "SELECT * FROM executable('cat', 'TSV', 'a String', (SELECT 1))",
		"SELECT 1 INTO OUTFILE 'DIR/out'", "EXPLAIN SELECT 1 INTO OUTFILE 'DIR/out'", "SHOW TABLES INTO OUTFILE 'DIR/out'", "DESCRIBE t INTO OUTFILE 'DIR/out'", "SELECT 1 INTO/**/OUTFILE 'DIR/out' APPEND",
		"\\i SECRET", "exit", "quit;",
		// writes
		"INSERT INTO t VALUES (1, 'a')", "INSERT INTO t FORMAT CSV\n1,a", "INSERT INTO t SELECT 1, 'a'", "INSERT INTO FUNCTION file('DIR/out', 'CSV', 'a Int8') VALUES (1)",
		"CREATE TABLE x (a Int8) ENGINE = Memory", "CREATE TEMPORARY TABLE x (a Int8)", "CREATE DATABASE x", "CREATE DATABASE x ENGINE = Filesystem('/')",
		"CREATE VIEW v AS SELECT 1", "CREATE FUNCTION f AS (x) -> x", "DROP TABLE t", "TRUNCATE TABLE t", "ALTER TABLE t DELETE WHERE 1", "DELETE FROM t WHERE 1", "UPDATE t SET s = '' WHERE 1",
		"RENAME TABLE t TO u", "EXCHANGE TABLES t AND u", "OPTIMIZE TABLE t", "ATTACH TABLE t", "DETACH TABLE t", "SYSTEM FLUSH LOGS", "SYSTEM STOP MERGES", "SYSTEM SHUTDOWN",
		"KILL QUERY WHERE 1", "KILL MUTATION WHERE 1", "BACKUP TABLE t TO File('b')", "RESTORE TABLE t FROM File('b')", "GRANT ALL ON *.* TO default", "CREATE USER x", "SELECT 1; DROP TABLE t",
		"EXPLAIN PIPELINE INSERT INTO t VALUES (1, 'a')",
		// limits
		"SET max_execution_time = 100", "SELECT getSetting('readonly') FROM (SELECT 1 SETTINGS readonly = 0)", "SELECT 1 UNION ALL (SELECT 1 SETTINGS max_execution_time = 100)", "SET readonly = 0", "USE system", "SELECT sleepEachRow(1) FROM numbers(3) SETTINGS max_execution_time = 0, function_sleep_max_microseconds_per_block = 0",
		"SELECT count() FROM (SELECT * FROM numbers(10) SETTINGS readonly = 0)", "SELECT * FROM (SELECT 1 SETTINGS max_execution_time = 100)",
		"SELECT * FROM numbers(200000)", "SELECT * FROM numbers(200000) SETTINGS max_result_rows = 0", "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1",
		"SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1 SETTINGS max_execution_time = 0",
	} {
		q := strings.NewReplacer("U/", u+"/", "'U'", "'"+u+"'", "=U", "="+u, "HP", hostport, "SECRET", secret, "DIR", dir).Replace(sql)
		began := time.Now()
		a := e.do("POST", "reader", values(), strings.NewReader(q))
		if a.status == 200 && !refusedByEmptiness(sql, a) {
			t.Errorf("%s: allowed: %.200s", sql, a.body)
		}
		if strings.Contains(a.body, "geheim") {
			t.Errorf("%s: shows the secret: %s", sql, a.body)
		}
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("%s: took %v", sql, d)
		}
		if t.Failed() && testing.Verbose() {
			t.Logf("%s: %.160v", sql, a)
		}
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("%d requests reached the network", n)
	}
	if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
		t.Error("a file was written")
	}
	if got := e.sql("writer", "SELECT count(), (SELECT count() FROM system.tables WHERE database = 'default') FROM t"); got != "100\t1" {
		t.Errorf("the store changed: %s", got)
	}
}

// refusedByEmptiness is for statements whose refusal is an answer that tells nothing.
func refusedByEmptiness(sql string, a answer) bool {
	return strings.HasPrefix(sql, "EXPLAIN PIPELINE") && a.body != "" && !strings.Contains(a.body, "geheim")
}

// What Grafana's data source and clickhouse-go send under a read-only account.
func TestReadOnlyAllowed(t *testing.T) {
	e := startEngine(t, nil)
	e.sql("writer", "CREATE TABLE t (a UInt32, s String, file_url String) ENGINE = MergeTree ORDER BY a")
	e.sql("writer", "INSERT INTO t SELECT number, toString(number), '' FROM numbers(100)")
	for _, tc := range []struct {
		sql, want string
		query     []string
	}{
		{"SELECT count() FROM t", "100", []string{"max_execution_time", "3600", "async_insert", "0", "allow_experimental_json_type", "1"}},
		{"SELECT getSetting('max_execution_time')", "2", []string{"max_execution_time", "3600"}},
		{"SELECT getSetting('max_execution_time')", "1", []string{"max_execution_time", "1"}},
		{"SELECT getSetting('max_execution_time')", "2", []string{"max_execution_time", "0"}},
		{"SELECT getSetting('max_result_rows'), getSetting('readonly')", "100000\t1", []string{"readonly", "0"}},
		{"SELECT count() FROM t settings additional_table_filters={'default.t' : ' s = \\'7\\' '}", "1", nil},
		{"SELECT count() AS c FROM t WHERE file_url = '' AND s != '\\\\' SETTINGS max_threads = 1 FORMAT CSV", "100", nil},
		{"SELECT count() FROM t", "1", []string{"additional_table_filters", "{'default.t':'a = 5'}"}},
		{"SELECT profile FROM (SELECT 'file (x)' AS profile)", "file (x)", nil},
		{"SELECT toStartOfInterval(toDateTime(0), INTERVAL 60 second)", "1970-01-01 09:00:00", []string{"session_timezone", "Asia/Tokyo"}},
		{"SELECT sum(number) FROM numbers(10)", "45", nil},
		{"EXISTS t", "1", nil}, {"SHOW TABLES", "t", nil}, {"SELECT engine FROM system.tables WHERE name = 't'", "MergeTree", nil},
		{"WITH x AS (SELECT 1 AS y) SELECT y FROM x", "1", nil}, {"SELECT * FROM (SELECT 1) FORMAT Values", "(1)", nil},
		{"EXPLAIN SYNTAX SELECT 1", "SELECT 1\nFROM system.one", nil},
	} {
		if got := e.sql("reader", tc.sql, tc.query...); got != tc.want {
			t.Errorf("%s %q: got %q, want %q", tc.sql, tc.query, got, tc.want)
		}
	}
}
