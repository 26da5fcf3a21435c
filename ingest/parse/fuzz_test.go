package parse

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"yagura/internal/event"
)

// FuzzParse feeds anything to the whole parser and checks what it promises: the
// raw bytes stay, the values are part of the draft, an address is an address,
// and the same line gives the same event.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.txt"))
	if err != nil || len(files) == 0 {
		f.Fatal("no tables", err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range bytes.Split(data, []byte("\n")) {
			if len(line) > 0 && line[0] != '#' && line[0] != '=' {
				f.Add(line)
			}
		}
	}
	p := New()
	f.Fuzz(func(t *testing.T, raw []byte) { checkPromises(t, p, raw, nil) })
}

func checkPromises(t *testing.T, p *Parser, raw []byte, s *Settings) {
	t.Helper()
	d := newDraft(string(raw))
	p.Parse(d, s)
	if !bytes.Equal(d.Raw(), raw[:min(len(raw), event.MaxRaw)]) {
		t.Fatal("the raw bytes changed")
	}
	if d.Message() == nil {
		t.Fatal("no message")
	}
	for i := range d.Len() {
		name, v := d.At(i)
		if name == event.YaguraAnomaly && string(v) == anomalyFault {
			t.Fatal("a family panicked")
		}
		if d.NameOf(name) == "" {
			t.Fatalf("a field without a name: %q", v)
		}
		if name.Kind() == event.IP && v != nil {
			if _, ok := address(v); !ok {
				t.Fatalf("%s is %q", name.Name(), v)
			}
		}
	}
	again := newDraft(string(raw))
	p.Parse(again, s)
	if headerOf(d) != headerOf(again) || d.Len() != again.Len() || d.Flags != again.Flags {
		t.Fatalf("a second reading differs:\n%s\n%s", headerOf(d), headerOf(again))
	}
}

// fuzzHosts feeds a family's lines, changed, to the parser that is told the
// family.
func fuzzHosts(f *testing.F, table string, devices ...string) {
	f.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "hosts", table+".txt"))
	if err != nil {
		f.Fatal(err)
	}
	for _, line := range bytes.Split(data, []byte("\n")) {
		if len(line) > 0 && line[0] != '#' && line[0] != '=' {
			f.Add(line)
		}
	}
	p := New()
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, device := range devices {
			checkPromises(t, p, raw, &Settings{Device: device})
		}
	})
}

func FuzzSSHD(f *testing.F)      { fuzzHosts(f, "sshd", "openssh.sshd") }
func FuzzLinux(f *testing.F)     { fuzzHosts(f, "linux", "linux.auth", "samba") }
func FuzzNetfilter(f *testing.F) { fuzzHosts(f, "netfilter", "linux.netfilter") }
func FuzzWeb(f *testing.F)       { fuzzHosts(f, "web", "web.access", "web.error", "squid") }
func FuzzMail(f *testing.F)      { fuzzHosts(f, "mail", "postfix", "dovecot") }
func FuzzDNSDHCP(f *testing.F)   { fuzzHosts(f, "dns_dhcp", "dns.bind", "dhcp.isc") }
func FuzzGeneric(f *testing.F)   { fuzzHosts(f, "generic", "cef", "leef") }
func FuzzFacility(f *testing.F)  { fuzzHosts(f, "facility", "facility", "ftp", "dns.dnsmasq") }

func FuzzCloud(f *testing.F) {
	fuzzHosts(f, "cloud", "microsoft.365", "microsoft.entra", "aws.cloudtrail", "samba.json")
}

func FuzzServices(f *testing.F) { fuzzHosts(f, "services", "linux.services", "ftp", "fail2ban") }
