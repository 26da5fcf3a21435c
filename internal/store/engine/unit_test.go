package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestShape(t *testing.T) {
	for _, tc := range []struct{ sql, want string }{
		{"SELECT 1", "sql=SELECT 1"},
		{"SELECT 1 FORMAT JSON", "sql=SELECT 1 FORMAT JSON format=JSON"},
		{"SELECT 'x FORMAT JSON'", "sql=SELECT 'x FORMAT JSON'"},
		{"SELECT a.format FROM t", "sql=SELECT a.format FROM t"},
		{"SELECT 1 -- FORMAT CSV\n FORMAT TSV", "sql=SELECT 1 -- FORMAT CSV\n FORMAT TSV format=TSV"},
		{"SELECT $a$ FORMAT CSV $a$", "sql=SELECT $a$ FORMAT CSV $a$"},
		{"INSERT INTO t FORMAT CSV\n1,a\n", "sql=INSERT INTO t  format=CSV data=1,a\n"},
		{"insert into t (a, `values`) values (1)", "sql=insert into t (a, `values`)  format=Values data=(1)"},
		{"INSERT INTO d.values VALUES (1)", "sql=INSERT INTO d.values  format=Values data=(1)"},
		{"INSERT INTO t SETTINGS a = 1 FORMAT Native\r\n\n\x00", "sql=INSERT INTO t SETTINGS a = 1  format=Native data=\n\x00"},
		{"INSERT INTO t FORMAT RowBinary\x00", "sql=INSERT INTO t  format=RowBinary data=\x00"},
		{"INSERT INTO t SELECT 1 FORMAT CSV", "sql=INSERT INTO t SELECT 1 FORMAT CSV format=CSV"},
		{"INSERT INTO t WITH 1 AS x SELECT x", "sql=INSERT INTO t WITH 1 AS x SELECT x"},
		{"INSERT INTO t FROM INFILE 'a' FORMAT CSV", "sql=INSERT INTO t FROM INFILE 'a'  format=CSV file=FROM INFILE data="},
		{"SELECT 1 INTO OUTFILE 'a'", "sql=SELECT 1 INTO OUTFILE 'a' file=INTO OUTFILE"},
		{"", "sql="}, {"'unclosed", "sql='unclosed"}, {"/* unclosed", "sql=/* unclosed"}, {"INSERT INTO t FORMAT", "sql=INSERT INTO t FORMAT"},
	} {
		sh := read(tc.sql)
		got := "sql=" + sh.sql
		if sh.format != "" {
			got += " format=" + sh.format
		}
		if sh.fileClause != "" {
			got += " file=" + sh.fileClause
		}
		if sh.insert {
			got += " data=" + tc.sql[sh.dataAt:]
		}
		if got != tc.want {
			t.Errorf("%q:\n got %q\nwant %q", tc.sql, got, tc.want)
		}
	}
}

func TestSettingsClause(t *testing.T) {
	for _, tc := range []struct{ sql, rest, want string }{
		{"SELECT 1 SETTINGS a = 1, b='x, y' FORMAT JSON", "SELECT 1  FORMAT JSON", "[{a 1} {b x, y}]"},
		{"SELECT 1 settings additional_table_filters={'d.t' : ' a = \\'b\\', c '}", "SELECT 1  ", "[{additional_table_filters {'d.t' : ' a = \\'b\\', c '}}]"},
		{"SELECT settings FROM t", "SELECT settings FROM t", "[]"},
		{"SELECT * FROM (SELECT 1 SETTINGS a = 1)", "SELECT * FROM (SELECT 1 SETTINGS a = 1)", "[]"},
		{"SELECT 1 SETTINGS a = 1;", "SELECT 1  ;", "[{a 1}]"},
		{"SELECT 1 SETTINGS a = -1", "SELECT 1  ", "[{a -1}]"},
	} {
		sh := read(tc.sql)
		got := sh.takeSettings()
		if fmt.Sprint(got) != tc.want || sh.sql != tc.rest {
			t.Errorf("%q: %v %q, want %v %q", tc.sql, got, sh.sql, tc.want, tc.rest)
		}
	}
	set := []setting{{"insert_deduplication_token", `a'b\`}}
	for sql, want := range map[string]string{
		"INSERT INTO t FORMAT CSV\n1":                    `INSERT INTO t  SETTINGS insert_deduplication_token = 'a\'b\\'`,
		"INSERT INTO t SETTINGS x = 1 FORMAT CSV\n1":     `INSERT INTO t SETTINGS insert_deduplication_token = 'a\'b\\', x = 1 `,
		"INSERT INTO t (a) SETTINGS x = 1 VALUES (1)":    `INSERT INTO t (a) SETTINGS insert_deduplication_token = 'a\'b\\', x = 1 `,
		"INSERT INTO `settings` (`settings`) VALUES (1)": "INSERT INTO `settings` (`settings`)  SETTINGS insert_deduplication_token = 'a\\'b\\\\'",
	} {
		if got := read(sql).withSettings(set); got != want {
			t.Errorf("%q:\n got %s\nwant %s", sql, got, want)
		}
	}
}

func TestReaderSettings(t *testing.T) {
	a := Account{ReadOnly: true, MaxExecutionTime: 30 * time.Second, MaxResultRows: 1000, MaxMemory: 1 << 30}
	got := fmt.Sprint(readerSettings(a, []setting{
		{"max_execution_time", "3600"}, {"max_result_rows", "10"}, {"max_memory_usage", "x"}, {"readonly", "0"},
		{"allow_ddl", "1"}, {"output_format_json_quote_64bit_integers", "1"}, {"timeout_overflow_mode", "break"}, {"insert_quorum", "1"},
	}))
	want := "[{max_execution_time 30} {max_memory_usage 1073741824} {max_result_rows 10} {output_format_json_quote_64bit_integers 1} {readonly 1} {result_overflow_mode throw} {timeout_overflow_mode throw}]"
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for in, want := range map[string]string{"": "30", "0": "30", "-1": "30", "NaN": "30", "+Inf": "30", "1e9": "30", "29.5": "29.5", "0x10": "30", "1e-9": "30", "0x1p3": "8", "1e1": "10", "0.5": "0.5", "+5": "5"} {
		m := map[string]string{"max_execution_time": in}
		if clamp(m, "max_execution_time", 30); m["max_execution_time"] != want {
			t.Errorf("clamp %q: %q, want %q", in, m["max_execution_time"], want)
		}
	}
	for in, want := range map[string]string{"0.5": "1000", "1e-9": "1000", "2.9": "2", "1e3": "1000", "18446744073709551615": "1000"} {
		m := map[string]string{"max_result_rows": in}
		if clamp(m, "max_result_rows", 1000); m["max_result_rows"] != want {
			t.Errorf("clamp %q: %q, want %q", in, m["max_result_rows"], want)
		}
	}
}

func TestException(t *testing.T) {
	for _, tc := range []struct {
		text   string
		code   int
		status int
	}{
		{"Code: 62. DB::Exception: Syntax error. (SYNTAX_ERROR)", 62, 400},
		{"Error: Code: 60. DB::Exception: x", 60, 404},
		{"Code: 73. DB::Exception: Code: 73. DB::Exception: Unknown format X. (UNKNOWN_FORMAT) (version 26.7.2.1). (UNKNOWN_FORMAT)", 73, 404},
		{"Another streaming query is active", 1001, 500},
		{"Code: 159. DB::Exception: Timeout", 159, 408},
		{"Code: 99999999999999999999. x", 1001, 500},
		{"Code: 497. DB::Exception: x", 497, 403}, {"Code: 202. x", 202, 503}, {"Code: 241. x", 241, 500},
	} {
		e := parseException(tc.text)
		if e.Code != tc.code || httpStatus(e.Code) != tc.status || !strings.HasPrefix(e.Message, fmt.Sprintf("Code: %d. ", e.Code)) {
			t.Errorf("%q: %d %d %q", tc.text, e.Code, httpStatus(e.Code), e.Message)
		}
		if strings.Contains(e.Message, "DB::Exception: Code: 7") || strings.Contains(e.Message, "(version") {
			t.Errorf("%q: %q: want its head and tail once", tc.text, e.Message)
		}
	}
}

func TestHelloColumns(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT displayName(), version(), revision(), timezone()":   "[displayName() version() revision() timezone()]",
		"select\n revision() ,version( ) /* c */;":                  "[revision() version()]",
		"SELECT revision() AS r, timezone() as `t z` FORMAT Native": "[r t z]",
		"SELECT version()":                "[]",
		"SELECT revision() + 1":           "[]",
		"SELECT revision(), now()":        "[]",
		"SELECT revision() FROM t":        "[]",
		"SELECT revision(),":              "[]",
		"SELECT revision(":                "[]",
		"INSERT INTO t SELECT revision()": "[]",
	} {
		if got, _ := helloColumns(sql); fmt.Sprint(got) != want {
			t.Errorf("%q: %v, want %s", sql, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	lib := filepath.Join(dir, "libchdb.so")
	t.Setenv(libEnv, "")
	own, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Skip("not on Linux")
	}
	for _, bad := range [][]byte{[]byte("<html>not found</html>"), own[:len(own)/2], nil} {
		if err := os.WriteFile(lib, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Find(lib); !errors.Is(err, ErrLibrary) || !strings.Contains(err.Error(), "make engine") {
			t.Errorf("no library: %v", err)
		}
	}
	if err := os.WriteFile(lib, own, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, named := range []string{dir, lib} {
		if got, err := Find(named); got != lib || err != nil {
			t.Errorf("Find(%q) = %q, %v", named, got, err)
		}
	}
	if _, err := Find(filepath.Join(dir, "no")); !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), "make engine") {
		t.Errorf("missing: %v", err)
	}
	t.Setenv(libEnv, lib)
	if got, err := Find(""); got != lib || err != nil {
		t.Errorf("by environment: %q, %v", got, err)
	}
}

func TestConfigErrors(t *testing.T) {
	_, err := New(Config{Accounts: []Account{{PasswordSHA256: "zz"}}}, nil)
	want := "engine: data: is empty; give a folder\n" +
		"engine: socket, address: both are empty; give one\n" +
		"engine: accounts[0].password_sha256: is not 64 hex digits\n" +
		"engine: accounts[0].name: is empty"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func FuzzSQL(f *testing.F) {
	for _, s := range []string{
		"SELECT 1 FORMAT JSON", "INSERT INTO t (a) SETTINGS x = 1 FORMAT CSV\n1", "SELECT `a\\``, \"b\"\"c\", 'd''e', $x$f$x$ -- g\n/* h",
		"SELECT 1 SETTINGS additional_table_filters = {'a':'b'}, c = 1", "SELECT revision() AS `x`,", "((((", "$a", "$$", "# x", "\\",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		sh := read(sql)
		if sh.dataAt > len(sql) || len(sh.sql) > len(sql) {
			t.Fatalf("outside the text: %+v", sh)
		}
		sh.withSettings([]setting{{"a", "b"}})
		sh.takeSettings()
		helloColumns(sql)
		nestedSettings(sql)
		_ = (&Server{never: readerNever}).checkNames(sql)
		_ = parseException(sql)
		if got := (&scanner{src: quoteString(sql)}).quote('\''); got != sql {
			t.Fatalf("string %q became %q", sql, got)
		}
		if got := (&scanner{src: quoteName(sql)}).quote('`'); got != sql {
			t.Fatalf("name %q became %q", sql, got)
		}
	})
}

func TestPathLike(t *testing.T) {
	for name, want := range map[string]bool{
		"/etc/passwd": true, "{/etc/passwd,x}": true, "x,/etc": true, "../x": true, "a/../../x": true, "*/../x": true, "file:///x": true, "./x/..": true,
		"events": false, "": false, "events/s": false, "in / out": false, "件/秒": false, "a.b": false, "10.0.0.0/8": false, "a/b.csv": false,
	} {
		if got := pathLike(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}
