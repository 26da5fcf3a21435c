package engine

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

func TestHTTP(t *testing.T) {
	e := startEngine(t, nil)
	e.sql("writer", "CREATE TABLE t (a UInt32, s String) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100")

	t.Run("answers", func(t *testing.T) {
		for _, tc := range []struct {
			name, method, user string
			query              url.Values
			body               string
			want               string // "status code body", … = any tail
		}{
			{"ping", "GET", "", values(), "", "200  Ok.\n"},
			{"get", "GET", "reader", values("query", "SELECT 1"), "", "200  1\n"},
			{"post body", "POST", "reader", values(), "SELECT 1", "200  1\n"},
			{"query and body join", "POST", "reader", values("query", "SELECT 1"), "+ 1", "200  2\n"},
			{"user in url", "GET", "", values("query", "SELECT 1", "user", "reader", "password", "r"), "", "200  1\n"},
			{"format in url", "GET", "reader", values("query", "SELECT 1 AS x", "default_format", "JSONEachRow"), "", "200  {\"x\":1}\n"},
			{"format in statement wins", "GET", "reader", values("query", "SELECT 1 AS x FORMAT JSONEachRow", "default_format", "CSV"), "", "200  {\"x\":1}\n"},
			{"parameter", "GET", "reader", values("query", "SELECT {s:String}, {n:Array(UInt8)}", "param_s", `a\tb`, "param_n", "[1,2]"), "", "200  a\\tb\t[1,2]\n"},
			{"parameter is data", "GET", "reader", values("query", "SELECT {s:String}", "param_s", "') OR 1=1 --"), "", "200  \\') OR 1=1 --\n"},
			{"parameter missing", "GET", "reader", values("query", "SELECT {s:String}"), "", "500 456 Code: 456…"},
			{"database", "GET", "reader", values("query", "SELECT currentDatabase()", "database", "system"), "", "200  system\n"},
			{"no database", "GET", "reader", values("query", "SELECT 1", "database", "nowhere"), "", "404 81 Code: 81…"},
			{"setting", "GET", "writer", values("query", "SELECT getSetting('max_block_size')", "max_block_size", "123"), "", "200  123\n"},
			{"setting does not stay", "GET", "writer", values("query", "SELECT getSetting('max_block_size') = 123"), "", "200  0\n"},
			{"unknown setting", "GET", "writer", values("query", "SELECT 1", "no_such_setting", "1"), "", "404 115 Code: 115…"},
			{"bad setting", "GET", "writer", values("query", "SELECT 1", "max_threads", "many"), "", "400 36 Code: 36…"},
			{"syntax", "GET", "reader", values("query", "SELEC 1"), "", "400 62 Code: 62…"},
			{"unknown table", "GET", "reader", values("query", "SELECT * FROM nothing"), "", "404 60 Code: 60…"},
			{"unknown column", "GET", "reader", values("query", "SELECT nothing"), "", "404 47 Code: 47…"},
			{"two statements", "POST", "writer", values(), "SELECT 1; SELECT 2", "400 62 Code: 62…"},
			{"one semicolon", "POST", "writer", values(), "SELECT 1;", "200  1\n"},
			{"comment at end", "POST", "writer", values(), "SELECT 1 -- ;\n", "200  1\n"},
			{"get is readonly", "GET", "writer", values("query", "DROP TABLE t"), "", "500 164 Code: 164…"},
			{"wrong password", "GET", "", values("query", "SELECT 1", "user", "reader", "password", "x"), "", "403 516 Code: 516…"},
			{"nobody", "GET", "", values("query", "SELECT 1"), "", "403 516 Code: 516…"},
			{"unknown user", "GET", "", values("query", "SELECT 1", "user", "x\r\ny", "password", "r"), "", "403 516 Code: 516…"},
			{"unknown format", "GET", "reader", values("query", "SELECT 1 FORMAT Nope"), "", "404 73 Code: 73…"},
			{"format with odd bytes", "GET", "reader", values("query", "SELECT 1", "default_format", "TSV;x"), "", "404 73 Code: 73…"},
			{"pretty is one document", "GET", "reader", values("query", "SELECT number FROM numbers(200000) LIMIT 2 FORMAT JSONCompactColumns"), "", "200  [\n\t[0, 1]\n]\n"},
			{"hello in another format", "GET", "reader", values("query", "SELECT revision(), displayName() FORMAT TSV"), "", "200  0\t…"},
			{"empty statement", "POST", "reader", values(), "", "400 62 Code: 62…"},
			{"client command", "POST", "writer", values(), "\\i /etc/passwd", "400 62 Code: 62…"},
			{"client exit", "POST", "writer", values(), "exit", "400 62 Code: 62…"},
			{"into outfile", "POST", "writer", values(), "SELECT 1 INTO OUTFILE '/tmp/yagura-no'", "500 164 Code: 164…"},
			{"from infile", "POST", "writer", values(), "INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV", "500 164 Code: 164…"},
			{"url as writer", "POST", "writer", values(), "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')", "403 497 Code: 497…"},
		} {
			t.Run(tc.name, func(t *testing.T) {
				var a answer
				if tc.name == "ping" {
					resp, err := e.http.Get("http://engine/ping")
					if err != nil {
						t.Fatal(err)
					}
					b, _ := io.ReadAll(resp.Body)
					resp.Body.Close()
					a = answer{status: resp.StatusCode, body: string(b)}
				} else {
					var body io.Reader
					if tc.body != "" {
						body = strings.NewReader(tc.body)
					}
					a = e.do(tc.method, tc.user, tc.query, body)
				}
				got := fmt.Sprintf("%d %s %s", a.status, a.code, a.body)
				if want, tail := strings.CutSuffix(tc.want, "…"); got != tc.want && !(tail && strings.HasPrefix(got, want)) {
					t.Errorf("got %.300q, want %q", got, tc.want)
				}
			})
		}
	})

	t.Run("headers", func(t *testing.T) {
		a := e.do("POST", "reader", values("query_id", "q-1"), strings.NewReader("SELECT number FROM numbers(1000) FORMAT JSON"))
		want := map[string]string{
			"X-Clickhouse-Query-Id": "q-1", "X-Clickhouse-Format": "JSON", "X-Clickhouse-Timezone": "UTC",
			"X-Clickhouse-Server-Display-Name": "yagura-engine", "Content-Type": "application/json; charset=UTF-8",
		}
		for k, v := range want {
			if a.header.Get(k) != v {
				t.Errorf("%s: %q, want %q", k, a.header.Get(k), v)
			}
		}
		var sum map[string]string
		if err := json.Unmarshal([]byte(a.header.Get("X-ClickHouse-Summary")), &sum); err != nil || sum["read_rows"] != "1000" {
			t.Errorf("summary %q: %v", a.header.Get("X-ClickHouse-Summary"), err)
		}
	})

	t.Run("bodies", func(t *testing.T) {
		rows := strings.Repeat("{\"a\":7,\"s\":\"x\"}\n", 1000)
		pack := func(mk func(io.Writer) io.WriteCloser) io.Reader {
			var b bytes.Buffer
			w := mk(&b)
			if _, err := io.WriteString(w, rows); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			return &b
		}
		blocks := compress.NewWriter(compress.LevelZero, compress.LZ4)
		if err := blocks.Compress([]byte(rows)); err != nil {
			t.Fatal(err)
		}
		const insert = "INSERT INTO t FORMAT JSONEachRow"
		for _, tc := range []struct {
			name   string
			query  url.Values
			body   io.Reader
			header []string
		}{
			{"plain", values("query", insert), strings.NewReader(rows), nil},
			{"statement in body", values(), strings.NewReader(insert + "\n" + rows), nil},
			{"gzip", values("query", insert), pack(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }), []string{"Content-Encoding", "gzip"}},
			{"deflate", values("query", insert), pack(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }), []string{"Content-Encoding", "deflate"}},
			{"lz4", values("query", insert), pack(func(w io.Writer) io.WriteCloser { return lz4.NewWriter(w) }), []string{"Content-Encoding", "lz4"}},
			{"zstd", values("query", insert), pack(func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z }), []string{"Content-Encoding", "zstd"}},
			{"native blocks", values("query", insert, "decompress", "1"), bytes.NewReader(blocks.Data), nil},
		} {
			e.sql("writer", "TRUNCATE TABLE t")
			a := e.do("POST", "writer", tc.query, tc.body, tc.header...)
			if a.status != 200 || !strings.Contains(a.header.Get("X-ClickHouse-Summary"), `"written_rows":"1000"`) {
				t.Errorf("%s: %v %q", tc.name, a, a.header.Get("X-ClickHouse-Summary"))
			}
			if got := e.sql("writer", "SELECT count(), sum(a) FROM t"); got != "1000\t7000" {
				t.Errorf("%s: stored %q", tc.name, got)
			}
		}
	})

	t.Run("insert formats", func(t *testing.T) {
		e.sql("writer", "TRUNCATE TABLE t")
		for _, sql := range []string{
			"INSERT INTO t VALUES (1, 'it''s'), (2, 'b')", "INSERT INTO t FORMAT CSV\n3,\"c\"\n", "INSERT INTO t (a) SELECT 4",
			"INSERT INTO t (s, a) FORMAT TSV\nd\t5\n", "INSERT INTO t SETTINGS max_threads = 1 FORMAT Values (6, 'f')",
			"/* c */ INSERT INTO `t` (a, s) VALUES (7, 'VALUES')", "INSERT INTO TABLE t FORMAT RowBinary\n\x08\x00\x00\x00\x01h",
			"WITH 9 AS x SELECT x", "INSERT INTO t WITH 9 AS x SELECT x, 'i'",
		} {
			e.sql("writer", sql, "insert_deduplicate", "0", "max_insert_threads", "1")
		}
		if got := e.sql("writer", "SELECT groupArray(a), groupArray(s) FROM (SELECT * FROM t ORDER BY a)"); got != `[1,2,3,4,5,6,7,8,9]	['it\'s','b','c','','d','f','VALUES','h','i']` {
			t.Errorf("got %s", got)
		}
	})

	t.Run("failed inserts store nothing and say so", func(t *testing.T) {
		e.sql("writer", "CREATE TABLE p (d UInt32, CONSTRAINT c CHECK d < 1000) ENGINE = MergeTree PARTITION BY d ORDER BY d")
		var many strings.Builder
		for i := range 200 {
			fmt.Fprintln(&many, i)
		}
		for body, code := range map[string]string{"1\nx\n": "27", "5000\n": "469", many.String(): "252"} {
			a := e.do("POST", "writer", values("query", "INSERT INTO p FORMAT TSV"), strings.NewReader(body))
			if a.status == 200 || a.code != code && !(code == "27" && a.code == "72") {
				t.Errorf("%.20q: %v, want code %s", body, a, code)
			}
		}
		if a := e.do("POST", "writer", values("query", "INSERT INTO nothing FORMAT TSV"), strings.NewReader("1\n")); a.code != "60" || a.status != 404 {
			t.Errorf("unknown table: %v", a)
		}
		if got := e.sql("writer", "SELECT count() FROM p"); got != "0" {
			t.Errorf("%s rows stored", got)
		}
	})

	t.Run("a body cut off stores nothing", func(t *testing.T) {
		e.sql("writer", "TRUNCATE TABLE t")
		c, err := net.Dial("unix", e.cfg.Socket)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "POST /?query=INSERT+INTO+t+FORMAT+TSV&user=writer&password=w HTTP/1.1\r\nHost: e\r\nContent-Length: 10000\r\n\r\n")
		fmt.Fprintf(c, "%s", strings.Repeat("1\tx\n", 1000))
		c.Close()
		for range 20 { // the pool is not wedged either
			if got := e.sql("writer", "SELECT count() FROM t"); got != "0" {
				t.Fatalf("%s rows stored", got)
			}
		}
	})

	t.Run("answers are compressed when asked", func(t *testing.T) {
		a := e.do("POST", "reader", values(), strings.NewReader("SELECT number FROM numbers(50000)"), "Accept-Encoding", "gzip")
		z, err := gzip.NewReader(strings.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(z)
		if err != nil || bytes.Count(b, []byte("\n")) != 50000 {
			t.Errorf("%d bytes, %v", len(b), err)
		}
	})

	t.Run("answers are not compressed when that is refused", func(t *testing.T) {
		a := e.do("POST", "reader", values(), strings.NewReader("SELECT number FROM numbers(50000)"), "Accept-Encoding", "br, gzip;q=0")
		if a.header.Get("Content-Encoding") != "" || !strings.HasPrefix(a.body, "0\n1\n") {
			t.Errorf("%.100v", a)
		}
	})

	t.Run("who waits for the end gets the error as a status", func(t *testing.T) {
		sql := "SELECT throwIf(number = 900000) FROM numbers(1000000)" // 1.8 MB before it
		if a := e.do("POST", "writer", values("wait_end_of_query", "1"), strings.NewReader(sql)); a.status == 200 || a.code != "395" {
			t.Errorf("%.100v", a)
		}
	})

	t.Run("tokens", func(t *testing.T) {
		e.sql("writer", "TRUNCATE TABLE t")
		for range 3 {
			e.sql("writer", "INSERT INTO t VALUES (1, 'a')", "insert_deduplication_token", `it's \ one`)
		}
		e.sql("writer", "INSERT INTO t VALUES (1, 'a')", "insert_deduplication_token", "two")
		if got := e.sql("writer", "SELECT count() FROM t"); got != "2" {
			t.Errorf("%s rows, want 2", got)
		}
	})
}

func TestBounds(t *testing.T) {
	e := startEngine(t, func(c *Config) {
		c.MaxBody, c.MaxStatement, c.Readers, c.QueueWait = 8<<20, 64<<10, 2, 200*time.Millisecond
	})
	e.sql("writer", "CREATE TABLE t (s String) ENGINE = MergeTree ORDER BY s")
	post := func(body io.Reader, header ...string) answer {
		t.Helper()
		return e.do("POST", "writer", values("query", "INSERT INTO t FORMAT LineAsString"), body, header...)
	}
	if a := post(strings.NewReader(strings.Repeat(strings.Repeat("y", 99)+"\n", 100_000))); a.status == 200 {
		t.Errorf("a body above the limit: %v", a)
	}
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 7 {
		_, _ = z.Write(bytes.Repeat([]byte("z"), 1<<20))
	}
	z.Close()
	if a := post(&bomb, "Content-Encoding", "gzip"); a.code != "271" {
		t.Errorf("a bomb: %v", a)
	}
	if a := post(strings.NewReader("not gzip"), "Content-Encoding", "gzip"); a.code != "271" {
		t.Errorf("not gzip: %v", a)
	}
	if a := post(strings.NewReader("x"), "Content-Encoding", "br"); a.status != 501 {
		t.Errorf("unknown encoding: %v", a)
	}
	if a := e.do("POST", "reader", values(), strings.NewReader("SELECT '"+strings.Repeat("x", 70<<10)+"'")); a.code != "290" || a.status != 413 {
		t.Errorf("a long statement: %.100v", a)
	}
	if got := e.sql("writer", "SELECT count() FROM t"); got != "0" {
		t.Errorf("%s rows stored", got)
	}

	// Two readers busy: the third is told to come back, a writer is not held up.
	slow := "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	left := make(chan struct{}, 2)
	for range 2 {
		go func() {
			req, _ := http.NewRequestWithContext(ctx, "POST", "http://engine/?user=reader&password=r", strings.NewReader(slow))
			if resp, err := e.http.Do(req); err == nil {
				resp.Body.Close()
			}
			left <- struct{}{}
		}()
	}
	eventually(t, "both run", func() bool {
		return e.sql("writer", "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64(number) = 1'") == "2"
	})
	began := time.Now()
	e.sql("writer", "INSERT INTO t VALUES ('meanwhile')")
	t.Logf("insert beside two busy readers: %v", time.Since(began))
	if a := e.do("POST", "reader", values(), strings.NewReader("SELECT 1")); a.status != 503 || a.code != "202" {
		t.Errorf("third reader: %v", a)
	}
	// The clients leave: their statements are cancelled, their places are free again.
	began = time.Now()
	cancel()
	<-left
	<-left
	eventually(t, "places are free", func() bool {
		return e.do("POST", "reader", values(), strings.NewReader("SELECT 1")).status == 200
	})
	t.Logf("free after %v (their own limit is 2 s)", time.Since(began))
}

// The time a client gets for a byte is not the time a statement gets, and a
// connection that was idle for longer still works.
func TestClientTimeout(t *testing.T) {
	e := startEngine(t, func(c *Config) { c.ClientTimeout = 500 * time.Millisecond })
	e.sql("writer", "CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a")
	for range 2 {
		if got := e.sql("writer", "SELECT sleep(1.2)"); got != "0" {
			t.Errorf("a slow statement: %q", got)
		}
		if a := e.do("GET", "reader", values("query", "SELECT sleep(1.2)"), nil); a.body != "0\n" {
			t.Errorf("a slow statement by GET: %v", a)
		}
		e.sql("writer", "INSERT INTO t VALUES (1)")
	}
	c, err := net.Dial("unix", e.cfg.Socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST /?query=INSERT+INTO+t+FORMAT+TSV&user=writer&password=w HTTP/1.1\r\nHost: e\r\nContent-Length: 10000\r\n\r\n1\n")
	began := time.Now()
	if err := c.SetDeadline(began.Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(c); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("a silent sender was kept for %v", d)
	}
	if got := e.sql("writer", "SELECT count() FROM t"); got != "2" {
		t.Errorf("%s rows, want 2", got)
	}
}
