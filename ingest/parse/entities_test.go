package parse

import (
	"testing"

	"yagura/internal/event"
)

func TestMACsHaveOneForm(t *testing.T) {
	for in, want := range map[string]string{
		"00-1B-2C-3D-4E-5F": "00:1b:2c:3d:4e:5f", "001b.2c3d.4e5f": "00:1b:2c:3d:4e:5f", "001B2C3D4E5F": "00:1b:2c:3d:4e:5f",
		"001b-2c3d-4e5f": "00:1b:2c:3d:4e:5f", "00:1b:2c:3d:4e:5f": "00:1b:2c:3d:4e:5f",
		"": "", "00:1b:2c:3d:4e": "", "00:1b:2c:3d:4e:5f:60": "", "not-a-mac-here": "", "192.0.2.1": "", "00 1b 2c 3d 4e 5f": "",
	} {
		if got := string(appendMAC(nil, []byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// An agent writes all addresses of its host.
func TestMACsOfAList(t *testing.T) {
	d := newDraft(`{"agent":{"type":"filebeat"},"host":{"name":"h1","mac":["00-1B-2C-3D-4E-5F","none","aa:bb:cc:dd:ee:ff"]},"source":{"mac":"001B.2C3D.4E60"},"message":"hello"}`)
	New().Parse(d, nil)
	var got []string
	for i := range d.Len() {
		if f, v := d.At(i); f == event.HostMAC || f == event.SourceMAC {
			got = append(got, string(v))
		}
	}
	want := []string{"00:1b:2c:3d:4e:5f", "none", "aa:bb:cc:dd:ee:ff", "00:1b:2c:3d:4e:60"}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
