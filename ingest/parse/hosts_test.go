package parse

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"yagura/internal/event"
)

func TestSSHD(t *testing.T)      { golden(t, "../hosts/sshd") }
func TestLinux(t *testing.T)     { golden(t, "../hosts/linux") }
func TestNetfilter(t *testing.T) { golden(t, "../hosts/netfilter") }
func TestWeb(t *testing.T)       { golden(t, "../hosts/web") }
func TestMail(t *testing.T)      { golden(t, "../hosts/mail") }
func TestGeneric(t *testing.T)   { golden(t, "../hosts/generic") }
func TestDNSAndDHCP(t *testing.T) {
	golden(t, "../hosts/dns_dhcp")
}

func TestVPNAndBans(t *testing.T) { golden(t, "../hosts/vpn") }

func TestMore(t *testing.T) { golden(t, "../hosts/more") }

func TestFacility(t *testing.T) { golden(t, "../hosts/facility") }

// A datagram may end anywhere: no family may trip over what is left.
func TestLinesCutAnywhereAreNoFault(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	p := New()
	var d event.Draft
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if strings.HasPrefix(line, "= ") || strings.HasPrefix(line, "#") {
				continue
			}
			if line[0] == '"' {
				if line, err = strconv.Unquote(strings.TrimSpace(line)); err != nil {
					t.Fatal(err)
				}
			}
			for n := 1; n < len(line); n++ {
				d.Reset([]byte(line[:n]))
				d.Received = received
				p.Parse(&d, nil)
				for i := range d.Len() {
					if f, v := d.At(i); f == event.YaguraAnomaly && string(v) == anomalyFault {
						t.Errorf("%s: %q", path, line[:n])
					}
				}
			}
		}
	}
}

func TestServices(t *testing.T) { golden(t, "../hosts/services") }

func TestCloud(t *testing.T) { golden(t, "../hosts/cloud") }

func TestCarriedLines(t *testing.T) { golden(t, "../hosts/carried") }
