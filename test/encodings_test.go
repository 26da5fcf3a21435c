package test

import (
	"encoding/hex"
	"fmt"
	"net"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
)

func encoded(t testing.TB, e encoding.Encoding, text string) string {
	t.Helper()
	b, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDamagedLines sends what devices do send: every line is stored byte for byte
// and says what is wrong with it.
func TestDamagedLines(t *testing.T) {
	const head = "<13>Nov 24 11:40:01 host app: "
	const words = "住民票システムへのログインに失敗しました"
	cp932, euc := encoded(t, japanese.ShiftJIS, words), encoded(t, japanese.EUCJP, words)
	long := strings.Repeat("0123456789", 7000)
	limit := 64 << 10
	cases := []struct {
		name    string
		wire    string // for TCP, in its framing; a message alone goes octet-counted
		raw     string
		anomaly string // "" is none
		message string // decoded; "" is not looked at
	}{
		{name: "UTF-8", raw: head + "%s " + words, message: words},
		{name: "CP932", raw: head + "%s " + cp932, message: words},
		{name: "EUC-JP", raw: head + "%s " + euc, message: words},
		{name: "ISO-2022-JP", raw: head + "%s " + encoded(t, japanese.ISO2022JP, words), message: words},
		{name: "bytes of no encoding", raw: head + "%s \xff\xfe\x80\xfd end", anomaly: "encoding"},
		{name: "a character cut in the middle", raw: head + "%s " + words[:len(words)-1], anomaly: "encoding:cut"},
		{name: "NUL inside", raw: head + "%s a\x00b", anomaly: "nul"},
		{name: "escape sequences", raw: head + "%s \x1b]0;title\x07\x1b[31mred", anomaly: "control"},
		{name: "priority out of range", raw: "<999>Nov 24 11:40:01 host app: %s", anomaly: "syslog:priority"},
		{name: "priority without end", raw: "<1234567890%s", anomaly: "syslog:priority"},
		{name: "structured data without end", raw: `<13>1 2026-11-24T11:40:01Z host app - - [a b="%s`, anomaly: "syslog:structured_data"},
		{name: "a newline inside a counted message", raw: head + "%s one\ntwo"},
		{name: "oversize", raw: head + "%s " + long, anomaly: "truncated"},
		{name: "count too large, then the end", wire: "500 " + head + "%s short", raw: head + "%s short", anomaly: "frame_short"},
		{name: "a line without its end", wire: head + "%s", raw: head + "%s", anomaly: "frame_unterminated"},
	}
	e := start(t)
	for i, c := range cases {
		token := fmt.Sprintf("case-%02d", i)
		raw := strings.Replace(c.raw, "%s", token, 1)
		wire := strings.Replace(c.wire, "%s", token, 1)
		if wire == "" {
			wire = fmt.Sprintf("%d %s", len(raw), raw)
		}
		e.sendBytes("tcp", wire)
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e, where := e.on(t), fmt.Sprintf("position(raw, 'case-%02d') > 0", i)
			want := strings.Replace(c.raw, "%s", fmt.Sprintf("case-%02d", i), 1)
			want = want[:min(len(want), limit)]
			e.want("SELECT count() FROM events WHERE "+where, "1")
			got, err := hex.DecodeString(e.sql("SELECT hex(raw) FROM events WHERE " + where))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want {
				t.Errorf("raw %.200q (%d bytes); want %.200q (%d bytes)", got, len(got), want, len(want))
			}
			anomalies := e.sql("SELECT arrayStringConcat(anomaly, ' ') FROM events WHERE " + where)
			if c.anomaly == "" && anomalies != "" || !strings.Contains(anomalies, c.anomaly) {
				t.Errorf("anomaly %q; want %q", anomalies, c.anomaly)
			}
			if c.message != "" {
				e.is("SELECT position(message, '"+c.message+"') > 0 FROM events WHERE "+where, "1")
			}
			if c.name == "oversize" {
				e.is("SELECT truncated FROM events WHERE "+where, "true")
			}
		})
	}
}

// TestWronglyCountedStreams: after a count that is wrong, later good lines of the
// same or of another connection come whole.
func TestWronglyCountedStreams(t *testing.T) {
	e := start(t)
	line := func(n int) string { return fmt.Sprintf("<13>Nov 24 11:40:01 host app: stream line %d.", n) }
	counted := func(s string) string { return fmt.Sprintf("%d %s", len(s), s) }
	streams := []string{
		counted(line(1)) + counted(line(2)),
		line(3) + "\n" + line(4) + "\r\n",
		"5 " + line(5) + "\n" + counted(line(6)),                  // a count that is too small
		"99999999999999999999 " + line(7) + "\n" + line(8) + "\n", // a count beyond every bound
		"-5 " + line(9) + "\n" + line(10) + "\n",
		counted(line(11)) + line(12) + "\n" + counted(line(13)), // the framing changes
		"\n\n\n" + line(14) + "\n",
	}
	for _, s := range streams {
		e.sendBytes("tcp", s)
	}
	for n := 1; n <= 14; n++ {
		e.want(fmt.Sprintf("SELECT count() FROM events WHERE position(raw, 'stream line %d.') > 0", n), "1")
	}
	for _, n := range []int{1, 2, 3, 4, 6, 8, 10, 11, 13, 14} {
		e.is(fmt.Sprintf("SELECT length(anomaly), raw = '%s' FROM events WHERE position(raw, 'stream line %d.') > 0", line(n), n), "0\t1")
	}
}

// TestDamagedDatagrams: one datagram is one message, whatever it holds.
func TestDamagedDatagrams(t *testing.T) {
	e := start(t)
	datagrams := []string{"no header at all 0", "<13>one\ntwo 1", "\x00\x00datagram 2\xff", "9 <13>counted 3", "<13>" + strings.Repeat("x", 9000) + " 4"}
	for _, d := range datagrams {
		e.sendBytes("udp", d)
	}
	e.want("SELECT count() FROM events", fmt.Sprint(len(datagrams)))
	stored := map[string]bool{}
	for _, text := range strings.Fields(e.sql("SELECT hex(raw) FROM events")) {
		raw, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		stored[string(raw)] = true
	}
	for _, d := range datagrams {
		if !stored[d] {
			t.Errorf("not stored byte for byte: %.80q", d)
		}
	}
}

// sendBytes writes bytes as they are, in a connection of their own.
func (e *env) sendBytes(network, text string) {
	e.Helper()
	conn, err := net.Dial(network, e.ready[network])
	if err != nil {
		e.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(text)); err != nil {
		e.Fatal(err)
	}
}
