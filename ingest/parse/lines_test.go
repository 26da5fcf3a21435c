package parse

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"yagura/internal/event"
)

// Two lines in one datagram: the first is read, the second is not a part of its
// values, and nothing is lost.
func TestFirstLineOnly(t *testing.T) {
	p := New()
	const second = "<38>Nov 24 11:15:43 h2 sshd[8]: Accepted password for tanaka from 192.0.2.9 port 40023 ssh2"
	for _, c := range []struct {
		raw, parser, message string
		field                event.Field
		want                 string
	}{
		{"<38>Nov 24 11:15:42 h1 sshd[7]: pam_unix(sshd:session): session closed for user suzuki\n" + second, "openssh.sshd", "pam_unix(sshd:session): session closed for user suzuki\n" + second, event.UserName, "suzuki"},
		{"<38>Nov 24 11:15:42 h1 sshd[7]: Connection closed by authenticating user suzuki 192.0.2.9 port 40022 [preauth]\r\n" + second, "openssh.sshd",
			"Connection closed by authenticating user suzuki 192.0.2.9 port 40022 [preauth]\r\n" + second, event.UserName, "suzuki"},
		{"<38>Nov 24 11:15:42 h1 sshd[7]: \npam_unix(sshd:session): session closed for user suzuki \r" + second, "openssh.sshd", "pam_unix(sshd:session): session closed for user suzuki \r" + second, event.UserName, "suzuki"},
		{"<13>Nov 24 11:15:42 h1 app: user=suzuki\nrole=chief", "generic.kv", "user=suzuki\nrole=chief", event.UserName, "suzuki"},
		{`{"message":"<38>Nov 24 11:15:42 h1 sshd[7]: pam_unix(sshd:session): session closed for user suzuki\nmore"}`, "openssh.sshd",
			"<38>Nov 24 11:15:42 h1 sshd[7]: pam_unix(sshd:session): session closed for user suzuki\nmore", event.UserName, "suzuki"},
	} {
		d := newDraft(c.raw)
		p.Parse(d, nil)
		parser, _ := d.Get(event.YaguraParser)
		anomaly, _ := d.Get(event.YaguraAnomaly)
		got, _ := d.Get(c.field)
		if string(parser) != c.parser || string(got) != c.want || string(d.Message()) != c.message || string(anomaly) != anomalyLines || d.Flags&event.FlagPartial == 0 {
			t.Errorf("%q: %s %q %s %q flags %d", c.raw, parser, got, anomaly, d.Message(), d.Flags)
		}
	}
}

// What looks like JSON is none: its pairs are those of the first line.
func TestFirstLineOfNoJSON(t *testing.T) {
	d := newDraft("<13>Nov 24 11:15:42 h1 app: {x user=suzuki\nsrc=192.0.2.9 role=chief\nb")
	New().Parse(d, nil)
	if user, _ := d.Get(event.UserName); string(user) != "suzuki" || d.Has(event.SourceIP) {
		t.Errorf("user %q, source %v", user, d.Has(event.SourceIP))
	}
}

// A text that nobody understands, and values that may have lines, are no anomaly.
func TestLinesThatBelongTogether(t *testing.T) {
	p := New()
	for _, raw := range []string{
		"<13>Nov 24 11:15:42 h1 app: Exception in thread main\n\tat a.b.C(D.java:1)",
		"<13>Nov 24 11:15:42 h1 app: {\n\"user\": \"suzuki\",\n\"note\": \"a\\nb\"}",
		"<13>Nov 24 11:15:42 h1 app: <Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>\r\n<System>\r\n<EventID>4625</EventID></System></Event>",
	} {
		d := newDraft(raw)
		p.Parse(d, nil)
		if v, ok := d.Get(event.YaguraAnomaly); ok {
			t.Errorf("%q: %s", raw, v)
		}
	}
}

// Whatever follows in the same datagram: no value of a one-line family holds a line
// end, and the first line's reading is the same as without it.
func TestNoValueHoldsALineEnd(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	p := New()
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			line = strings.TrimRight(line, "\n")
			if line == "" || strings.HasPrefix(line, "= ") || line[0] == '#' {
				continue
			}
			if line[0] == '"' {
				if line, err = strconv.Unquote(line); err != nil {
					t.Fatal(err)
				}
			}
			checkSecondLine(t, p, line)
		}
	}
}

func checkSecondLine(t *testing.T, p *Parser, line string) {
	t.Helper()
	alone := newDraft(line)
	p.Parse(alone, nil)
	parser, _ := alone.Get(event.YaguraParser)
	if fam, ok := p.families.names[string(parser)].(multiline); ok && fam != nil || strings.Contains(line, "{") || strings.ContainsAny(line, "\r\n") {
		return
	}
	d := newDraft(line + "\n<38>Nov 24 11:15:43 h2 sshd[8]: Accepted password for tanaka from 192.0.2.9 port 40023 ssh2")
	p.Parse(d, nil)
	if got, _ := d.Get(event.YaguraParser); !bytes.Equal(got, parser) {
		t.Errorf("%q: %q, with another line %q", line, parser, got)
	}
	for n := range len(line) + 1 {
		checkNoLineEnd(t, p, line[:n]+"\n"+line[n:])
	}
	checkNoLineEnd(t, p, string(d.Raw()))
}

func checkNoLineEnd(t *testing.T, p *Parser, raw string) {
	t.Helper()
	d := newDraft(raw)
	p.Parse(d, nil)
	parser, _ := d.Get(event.YaguraParser)
	if _, ok := p.families.names[string(parser)].(multiline); ok {
		return
	}
	for i := range d.Len() {
		f, v := d.At(i)
		if bytes.ContainsAny(v, "\r\n") && !strings.HasPrefix(d.NameOf(f), "log.syslog.structured_data.") {
			t.Errorf("%q: %s=%q", raw, d.NameOf(f), v)
		}
		if f == event.YaguraAnomaly && string(v) == anomalyFault {
			t.Errorf("%q: a fault", raw)
		}
	}
}
