package parse

import (
	"testing"
	"time"

	"yagura/internal/event"
)

func TestYearOfATimeWithoutOne(t *testing.T) {
	zone := tokyo()
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ written, received, want string }{
		{"Nov 24 11:15:42", "2026-11-24 12:00:00", "2026-11-24 11:15:42"},
		{"Nov 25 11:15:42", "2026-11-24 12:00:00", "2026-11-25 11:15:42"}, // within a day ahead: this year
		{"Nov 25 12:00:00", "2026-11-24 12:00:00", "2026-11-25 12:00:00"},
		{"Nov 25 12:00:01", "2026-11-24 12:00:00", "2025-11-25 12:00:01"},
		{"Dec  3 11:15:42", "2026-11-24 12:00:00", "2025-12-03 11:15:42"},
		{"Dec 31 23:59:59", "2027-01-01 00:00:05", "2026-12-31 23:59:59"}, // read after New Year
		{"Jan  1 00:00:03", "2026-12-31 23:59:58", "2027-01-01 00:00:03"}, // a clock a little ahead
		{"Feb 29 10:00:00", "2026-11-24 12:00:00", "2024-02-29 10:00:00"},
		{"Feb 29 10:00:00", "2024-02-28 12:00:00", "2024-02-29 10:00:00"},
		{"Feb 29 10:00:00", "2103-03-01 12:00:00", "2096-02-29 10:00:00"}, // 2100 is no leap year
	} {
		s, _, ok := readStamp([]byte(c.written))
		if !ok {
			t.Fatalf("%s is not read", c.written)
		}
		if got := resolve(s, at(c.received), zone); !got.Equal(at(c.want)) {
			t.Errorf("%s received %s: got %s, want %s", c.written, c.received, got.In(zone), c.want)
		}
	}
}

// Clocks that are put back show an hour twice, and forward skip one: the nearer to
// receipt is meant.
func TestTimesBesideAChangeOfClocks(t *testing.T) {
	y := &lastYear{} // one memory for all, as in a parser
	for _, c := range []struct{ zone, written, received, want string }{
		{"America/New_York", "Nov  1 00:59:59", "2026-11-01T05:00:01Z", "2026-11-01T04:59:59Z"},
		{"America/New_York", "Nov  1 01:30:00", "2026-11-01T05:30:01Z", "2026-11-01T05:30:00Z"},
		{"America/New_York", "Nov  1 01:30:00", "2026-11-01T06:30:01Z", "2026-11-01T06:30:00Z"},
		{"America/New_York", "2026-11-01 01:30:00", "2026-11-01T06:30:01Z", "2026-11-01T06:30:00Z"},
		{"America/New_York", "2026-11-01T01:30:00-04:00", "2026-11-01T06:30:01Z", "2026-11-01T05:30:00Z"}, // said
		{"America/New_York", "Nov  1 02:00:00", "2026-11-01T07:00:01Z", "2026-11-01T07:00:00Z"},
		{"America/New_York", "Mar  8 01:59:59", "2026-03-08T07:00:00Z", "2026-03-08T06:59:59Z"},
		{"America/New_York", "Mar  8 02:30:00", "2026-03-08T07:30:01Z", "2026-03-08T07:30:00Z"}, // not put forward yet
		{"America/New_York", "Mar  8 02:30:00", "2026-03-08T06:30:01Z", "2026-03-08T06:30:00Z"}, // too early
		{"America/New_York", "Mar  8 03:00:00", "2026-03-08T07:00:01Z", "2026-03-08T07:00:00Z"},
		{"America/New_York", "Jul  4 12:00:00", "2026-07-04T16:00:01Z", "2026-07-04T16:00:00Z"},
		{"America/New_York", "Nov  1 23:00:00", "2026-11-02T04:00:01Z", "2026-11-02T04:00:00Z"},
		{"Europe/London", "Oct 25 01:30:00", "2026-10-25T00:30:02Z", "2026-10-25T00:30:00Z"},
		{"Europe/London", "Oct 25 01:30:00", "2026-10-25T01:30:02Z", "2026-10-25T01:30:00Z"},
		{"Australia/Lord_Howe", "Apr  5 01:45:00", "2026-04-04T14:45:02Z", "2026-04-04T14:45:00Z"}, // half an hour
		{"Australia/Lord_Howe", "Apr  5 01:45:00", "2026-04-04T15:15:02Z", "2026-04-04T15:15:00Z"},
		{"Asia/Tokyo", "Nov  1 01:30:00", "2026-10-31T16:30:01Z", "2026-10-31T16:30:00Z"},
		{"Asia/Tokyo", "1951-05-06 01:30:00", "2026-10-31T16:30:01Z", "1951-05-05T15:30:00Z"}, // summer time as it was
		{"UTC", "Nov  1 01:30:00", "2026-11-01T01:30:01Z", "2026-11-01T01:30:00Z"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Skip("no zone files:", err)
		}
		received, err := time.Parse(time.RFC3339, c.received)
		if err != nil {
			t.Fatal(err)
		}
		s, _, ok := readStamp([]byte(c.written))
		if !ok {
			t.Fatalf("%s is not read", c.written)
		}
		if got := y.resolve(s, received, zone).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s in %s received %s: %s, want %s", c.written, c.zone, c.received, got, c.want)
		}
	}
}

func TestTimesThatAreNone(t *testing.T) {
	for _, s := range []string{
		"", "Nov", "Nov 24", "Nov 24 11:15", "Foo 24 11:15:42", "Nov 32 11:15:42", "Apr 31 11:15:42", "Nov 24 24:00:00", "Nov 24 11:60:00",
		"Nov 24 11:15:421", "2026-11-24", "2026-11-24T11:15", "2026-02-29T11:15:42Z", "2026-11-24T11:15:42-24:00", "2026-13-01 11:15:42",
		"Novem24 11:15:42", "12345678901234567890", "192.0.2.1 - - hello", "Nov24 11:15:42", "2026-11/24 11:15:42", "Monday morning 11:15:42",
	} {
		if got, n, ok := readStamp([]byte(s)); ok {
			t.Errorf("%q: read %d bytes as %+v", s, n, got)
		}
	}
}

func TestEpoch(t *testing.T) {
	for _, c := range []struct {
		written string
		want    int64 // Unix nanoseconds, 0: none
	}{
		{"1795486542", 1795486542e9}, {"1795486542.250", 179548654225e7}, {"1795486542250", 179548654225e7},
		{"1795486542250125", 1795486542250125e3}, {"1795486542250125001", 1795486542250125001},
		{"222222222", 0}, {"17954865421", 0}, {"1795486542.", 0}, {"1795486542.2x", 0}, {"", 0}, {"-1", 0},
	} {
		got, ok := epoch([]byte(c.written))
		if ok != (c.want != 0) || ok && got.UnixNano() != c.want {
			t.Errorf("%q: got %v %v", c.written, got, ok)
		}
	}
}

func TestZoneInTheLineWinsAndClocksAreJudged(t *testing.T) {
	p := New()
	for _, c := range []struct {
		raw   string
		zone  string
		want  string
		flags uint16
	}{
		{"<13>Nov 24 11:15:42 h a: x", "Asia/Tokyo", "2026-11-24T02:15:42Z", 0},
		{"<13>Nov 24 02:15:42 h a: x", "UTC", "2026-11-24T02:15:42Z", 0},
		{"<13>Nov 24 2026 11:15:42 GMT+09:00 h a: x", "UTC", "2026-11-24T02:15:42Z", event.FlagTimeZone},
		{"<13>Nov 23 2026 21:15:42.250 UTC-0500 h a: x", "Asia/Tokyo", "2026-11-24T02:15:42.25Z", event.FlagTimeZone},
		{"<13>2026-11-24T02:15:42Z h a: x", "Asia/Tokyo", "2026-11-24T02:15:42Z", event.FlagTimeZone},
		{"<13>Nov 24 12:04:59 h a: x", "Asia/Tokyo", "2026-11-24T03:04:59Z", 0},
		{"<13>Nov 24 12:05:01 h a: x", "Asia/Tokyo", "2026-11-24T03:05:01Z", event.FlagClock},
		{"<13>Nov 23 11:59:59 h a: x", "Asia/Tokyo", "2026-11-23T02:59:59Z", event.FlagClock},
		{"<13>Jan  1 1980 00:00:10 h a: x", "Asia/Tokyo", "1979-12-31T15:00:10Z", event.FlagClock},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Skip("no zone files:", err)
		}
		d := newDraft(c.raw)
		p.Parse(d, &Settings{Location: zone})
		got := d.Time.UTC().Format(time.RFC3339Nano)
		if flags := d.Flags &^ event.FlagUnparsed; got != c.want || flags != c.flags {
			t.Errorf("%s in %s: %s flags %b, want %s flags %b", c.raw, c.zone, got, flags, c.want, c.flags)
		}
	}
}

func FuzzTime(f *testing.F) {
	for _, s := range []string{"Nov 24 11:15:42 2026", "Thu, 14 Oct 2021 15:24:12.02 UTC", "2026-11-24T11:15:42,123+09:00", "24/Nov/2026:11:15:42 +0900", "2026 Nov 24 11:15:42"} {
		f.Add([]byte(s))
	}
	zone := tokyo()
	f.Fuzz(func(t *testing.T, b []byte) {
		s, n, ok := readStamp(b)
		if !ok {
			return
		}
		if n < 13 || n > len(b) {
			t.Fatalf("took %d of %d bytes", n, len(b))
		}
		at := resolve(s, received, zone)
		if s.year == 0 && at.After(received.Add(24*time.Hour)) {
			t.Fatalf("%q is later than a day after receipt: %v", b[:n], at)
		}
		if again, m, ok := readStamp(b[:n:n]); !ok || m != n || again != s {
			t.Fatalf("%q alone reads differently: %+v %d %v, was %+v", b[:n], again, m, ok, s)
		}
	})
}
