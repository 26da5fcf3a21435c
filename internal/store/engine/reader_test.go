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

// Ways round the guard: settings that take the guard's own look away, names passed
// as values, functions passed by name, files opened by a first look-up.
func TestReadOnlyTricks(t *testing.T) {
	e := startEngine(t, nil)
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("geheim\t1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e.sql("writer", "CREATE TABLE t (a UInt32, s String) ENGINE = MergeTree ORDER BY a")
	e.sql("writer", "INSERT INTO t SELECT number, toString(number) FROM numbers(10)")
	hidden := "SELECT `fil\\x65`('SECRET') FROM numbers(2)"
	for _, tc := range []struct {
		sql   string
		query []string
	}{
		{hidden, []string{"offset", "1"}}, {hidden, []string{"limit", "1"}}, {hidden, []string{"additional_table_filters", "{'system.one':'0'}"}},
		{"SELECT * APPLY(file) FROM (SELECT 'SECRET' AS x)", nil}, {"SELECT * APPLY file FROM (SELECT 'SECRET' AS x)", nil}, {"SELECT * APPLY(`file`) FROM (SELECT 'SECRET' AS x)", nil},
		{"SELECT arrayMap(file, ['SECRET'])", nil}, {"SELECT arrayMap(FILE, ['SECRET'])", nil}, {"SELECT arrayMap({f:Identifier}, ['SECRET'])", []string{"param_f", "file"}},
		{"SELECT dictGet('SECRET', 'a', 1)", nil}, {"SELECT dictHas('SECRET', 1)", nil}, {"SELECT hasColumnInTable('default', 'SECRET', 'a')", nil}, {"SELECT joinGetOrNull('SECRET', 'a', 1)", nil},
		{"SELECT * FROM `SECRET`", nil}, {"SELECT * FROM 'SECRET'", nil}, {"SELECT 1 IN `SECRET`", nil}, {"DESCRIBE 'SECRET'", nil}, {"SELECT * FROM default.`{SECRET,x}`", nil},
		{"SELECT * FROM {t:Identifier}", []string{"param_t", secret}}, {"SELECT * FROM {d:Identifier}.{t:Identifier}", []string{"param_t", secret, "param_d", "default"}},
		{"SELECT * FROM {t:Identifier}", []string{"param_t", strings.ReplaceAll(secret, "/", `\x2f`)}}, {"SELECT * FROM mergeTreeIndex('default', 'SECRET')", nil},
		{"SELECT count() FROM t SETTINGS additional_table_filters = {'t':'startsWith(file(\\'SECRET\\'), \\'g\\')'}", nil},
		{"SELECT count() FROM t", []string{"additional_table_filters", `{'t':'notEmpty(fil\x65(\'SECRET\'))'}`}},
		{"SELECT count() FROM t", []string{"additional_table_filters", "{'t':'notEmpty(`fil\\\\x65`(\\'SECRET\\'))'}"}},
		{"SELECT * FROM (SELECT getSetting('readonly') SETTINGS\u00a0readonly = 0)", nil}, {"SELECT * FROM (SELECT 1 settings\u3000max_execution_time = 100)", nil},
		{"SELECT * FROM \u201cSECRET\u201d", nil}, {"SELECT arrayMap(\u201cfile\u201d, [\u2018SECRET\u2019])", nil}, {"SELECT 1 INTO\u00a0OUTFILE 'SECRET2'", nil}, {"SELECT file\u00a0('SECRET')", nil},
		{"SELECT count() FROM t", []string{"additional_table_filters", `{'t':'1 IN (SELECT 1 SETTINGS readonly = 0)'}`}},
		{"SELECT count() FROM t", []string{"additional_table_filters", `{'t':'1 IN (SELECT 1 FROM \'SECRET\')'}`}},
	} {
		in := strings.NewReplacer("SECRET", secret)
		query := []string{}
		for _, q := range tc.query {
			query = append(query, in.Replace(q))
		}
		a := e.do("POST", "reader", values(query...), strings.NewReader(in.Replace(tc.sql)))
		if a.status == 200 || strings.Contains(a.body, "geheim") || a.code == "60" { // 60 says that there is no such file
			t.Errorf("%s %q: allowed: %v", tc.sql, tc.query, a)
		}
	}
	// Dropped without a word: an answer that the setting does not change.
	out := filepath.Join(dir, "out.proto")
	for _, query := range [][]string{
		{"output_format_schema", out, "format_protobuf_use_autogenerated_schema", "1", "default_format", "Protobuf"},
		{"additional_result_filter", "startsWith(file('" + secret + "'), 'x')"},
	} {
		if a := e.do("POST", "reader", values(query...), strings.NewReader("SELECT a FROM t WHERE a = 7")); a.status == 200 && !strings.Contains(a.body, "7") && !strings.Contains(a.body, "\x07") {
			t.Errorf("%q: %v", query, a)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("output_format_schema wrote a file")
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
		{"SELECT s AS `n/s`, a AS file FROM t WHERE s = '/etc/../7' OR a = 7 AND s NOT LIKE '/x/%'", "7\t7", nil},
		{"SELECT count() FROM t", "1", []string{"additional_table_filters", "{'default.t':'s = \\'7\\' AND file_url != \\'/a/../b\\''}"}},
		{"SELECT {c:Identifier} FROM {t:Identifier} WHERE a = 3", "3", []string{"param_t", "t", "param_c", "s"}},
		{"SELECT count() FROM t WHERE s = 'it''s' OR t.file_url = 'a\\\\b' SETTINGS offset = 0", "0", nil},
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
