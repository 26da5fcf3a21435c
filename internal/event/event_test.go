package event

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	at  = time.Date(2026, 11, 24, 3, 0, 0, 123456789, time.UTC)
	eid = ID{Tenant: "demo", Node: "n1", Epoch: 7, Seq: 3}
)

// draft makes an event as a parser would: slices of the line, a decoded value, a
// local name.
func draft(t testing.TB, line string) *Draft {
	t.Helper()
	d := &Draft{}
	d.Reset([]byte(line))
	d.Received, d.Time = at, at.Add(-time.Second)
	d.Source = Source{Peer: "192.0.2.1", Listener: "udp"}
	text := d.Text()
	if i := bytes.IndexByte(text, ' '); i > 0 {
		d.Set(ProcessName, text[:i])
		d.SetMessage(text[i+1:])
	}
	d.SetInt(SourcePort, 22)
	d.SetString(EventCategory, "network")
	d.SetString(EventCategory, "authentication")
	d.Set(d.Local("TargetUserName"), []byte("山田"))
	d.SetNull(UserName)
	d.SetString(UserDomain, "")
	return d
}

func render(e Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%s|%s|%s|", e.ID(), e.Source().Peer, e.Raw(), e.Message())
	for i := range e.Len() {
		f, v := e.At(i)
		if v == nil {
			fmt.Fprintf(&b, "%s=null ", e.Block().NameOf(f))
			continue
		}
		fmt.Fprintf(&b, "%s=%q ", e.Block().NameOf(f), v)
	}
	return b.String()
}

func TestBlockCarriesEventsThroughTheBus(t *testing.T) {
	var b Builder
	b.Append(draft(t, "sshd Failed password"))
	b.Append(draft(t, ""))
	b.Tally(Tally{Source: Source{Listener: "udp"}, Received: 9, Refused: [reasons]uint64{KernelFull: 7}})
	block, err := Unpack(Pack(nil, b.Encode(nil, eid, at)))
	if err != nil {
		t.Fatal(err)
	}
	fields := `source.port="22" event.category="network" event.category="authentication" TargetUserName="山田" user.name=null user.domain="" `
	want := []string{
		`demo/n1/7/3/0|192.0.2.1|sshd Failed password|Failed password|process.name="sshd" ` + fields,
		`demo/n1/7/3/1|192.0.2.1|||` + fields,
	}
	got := []string{render(block.Event(0)), render(block.Event(1))}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := block.Tallies[0]; got.Received != 9 || got.RefusedTotal() != 7 {
		t.Errorf("tally %+v", got)
	}
	if e := block.Event(0); !e.Received().Equal(at) || !e.Time().Equal(at.Add(-time.Second)) || !block.Created.Equal(at) {
		t.Errorf("times %v %v %v", e.Received(), e.Time(), block.Created)
	}
}

func TestDraftReferencesTheLineAndCopiesTheRest(t *testing.T) {
	d := draft(t, "sshd "+strings.Repeat("x", 100))
	if grown := len(d.buf) - d.rawLen; grown > 60 {
		t.Errorf("%d bytes copied beside the raw line; slices of it must not be", grown)
	}
}

func TestBoundsCutAndFlag(t *testing.T) {
	d := &Draft{}
	d.Reset(bytes.Repeat([]byte("a"), MaxRaw+5))
	d.Set(UserName, d.Text())
	for i := range MaxFields + 10 {
		d.SetInt(ProcessPID, int64(i))
	}
	if len(d.Raw()) != MaxRaw || d.Flags&FlagTruncated == 0 {
		t.Errorf("raw %d bytes, flags %b", len(d.Raw()), d.Flags)
	}
	var marks []string
	for i := range d.Len() {
		if f, v := d.At(i); f == YaguraAnomaly {
			marks = append(marks, string(v))
		}
	}
	if d := cmp.Diff([]string{AnomalyTruncated, AnomalyValueCut, AnomalyFieldLimit}, marks); d != "" {
		t.Error(d)
	}
}

func TestEveryFieldHasOneName(t *testing.T) {
	seen := map[string]bool{}
	for i := 1; i < len(fields); i++ {
		name := Field(i).Name()
		if name == "" || seen[name] {
			t.Errorf("field %d: name %q is empty or doubled", i, name)
		}
		seen[name] = true
		if f, ok := FieldByName(name); !ok || f != Field(i) {
			t.Errorf("FieldByName(%q) = %d, %v", name, f, ok)
		}
	}
	if EventAction != 1 || RelatedUser != Field(len(fields)-1) || len(fields) >= int(FirstLocal) {
		t.Error("the table's numbers moved: they are part of the block format")
	}
}

func TestRootChangesWithAnyByteAndAnyPlace(t *testing.T) {
	root := func(lines ...string) [32]byte {
		var b Builder
		for _, l := range lines {
			b.Append(draft(t, l))
		}
		block, err := b.Block(eid, at)
		if err != nil {
			t.Fatal(err)
		}
		return block.Root()
	}
	all := map[[32]byte]string{}
	for _, lines := range [][]string{{}, {"a"}, {"b"}, {"a", "b"}, {"b", "a"}, {"a", "b", "c"}, {"a", "b", "b"}, {"a", "b", "c", "c"}} {
		r := root(lines...)
		if other, ok := all[r]; ok {
			t.Errorf("%v and %s have one root", lines, other)
		}
		all[r] = fmt.Sprint(lines)
	}
}

// The tree as RFC 6962 section 2.1 defines it: split at the largest power of two
// below the number of leaves.
func TestRootIsTheTreeOfTheLeaves(t *testing.T) {
	var tree func(leaves [][32]byte) [32]byte
	tree = func(leaves [][32]byte) [32]byte {
		switch len(leaves) {
		case 0:
			return sha256.Sum256(nil)
		case 1:
			return leaves[0]
		}
		k := 1
		for 2*k < len(leaves) {
			k *= 2
		}
		left, right := tree(leaves[:k]), tree(leaves[k:])
		return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
	}
	var b Builder
	for n := range 70 {
		block, err := b.Block(eid, at)
		if err != nil {
			t.Fatal(err)
		}
		var leaves [][32]byte
		for i := range block.Len() {
			leaves = append(leaves, Leaf(block.Event(i)))
		}
		if block.Root() != tree(leaves) {
			t.Errorf("%d events: not the tree of their leaves", n)
		}
		b.Append(draft(t, fmt.Sprintf("line %d %s", n, strings.Repeat("x", n*n))))
	}
	b.Reset()
	for n := range 5 {
		b.Append(draft(t, fmt.Sprintf("line %d %s", n, strings.Repeat("x", n*n))))
	}
	block, err := b.Block(eid, at)
	if err != nil {
		t.Fatal(err)
	}
	const root = "08cfa43298e4a39e731058ccbb3dbd351aa423552d54cfc6da0d9a9c080ca8d7" // stored ledgers hold such roots: it may never change
	if got := fmt.Sprintf("%x", block.Root()); got != root {
		t.Errorf("root %s, want %s", got, root)
	}
}

func TestAlertIDIsAFunctionOfItsCause(t *testing.T) {
	g := []Pair{{"source.ip", "192.0.2.1"}}
	first := AlertID("r", g, "e")
	if again := AlertID("r", g, "e"); first != again || first == AlertID("r", g, "f") {
		t.Error("AlertID must depend on rule, group and first event only")
	}
}

func FuzzDecode(f *testing.F) {
	var b Builder
	b.Append(draft(f, "sshd Failed password"))
	f.Add(b.Encode(nil, eid, at))
	f.Add([]byte("YGB1"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		block, err := Decode(wire)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("unwrapped error %v", err)
			}
			return
		}
		for i := range block.Len() {
			_ = render(block.Event(i))
		}
	})
}

// A block is the same bytes whether its front finds room before the data or not.
func TestSeal(t *testing.T) {
	var b Builder
	for _, events := range []int{0, 1, 1000, 1, 1000, 0} {
		b.Reset()
		d := draft(t, "sshd Failed password for root")
		for i := range 150 { // refs of many events do not fit the room
			d.Set(UserName, []byte(strings.Repeat("u", i%7)))
		}
		for range events {
			b.Append(d)
		}
		block, err := Unpack(Pack(nil, b.Seal(eid, at)))
		if err != nil {
			t.Fatalf("%d events: %v", events, err)
		}
		if block.Len() != events || block.ID != eid {
			t.Fatalf("%d events of %v; want %d of %v", block.Len(), block.ID, events, eid)
		}
		for i := range block.Len() {
			if got := block.Event(i); string(got.Raw()) != string(block.Event(0).Raw()) || got.Len() != block.Event(0).Len() {
				t.Fatalf("event %d differs from the first: %q, %d fields", i, got.Raw(), got.Len())
			}
		}
		if diff := cmp.Diff(b.Encode([]byte("before"), eid, at), append([]byte("before"), b.Seal(eid, at)...)); diff != "" {
			t.Error(diff)
		}
	}
}

func BenchmarkSeal(b *testing.B) { benchmarkBlock(b, func(bl *Builder) { bl.Seal(eid, at) }) }

func BenchmarkEncode(b *testing.B) { benchmarkBlock(b, func(bl *Builder) { bl.Encode(nil, eid, at) }) }

func benchmarkBlock(b *testing.B, each func(*Builder)) {
	d := draft(b, "sshd "+strings.Repeat("Failed password for root ", 10))
	var bl Builder
	b.ReportAllocs()
	for b.Loop() {
		bl.Reset()
		for range 1000 {
			bl.Append(d)
		}
		each(&bl)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/event")
}

func BenchmarkEncodeDecode(b *testing.B) {
	var wire []byte
	benchmarkBlock(b, func(bl *Builder) {
		wire = bl.Encode(wire[:0], eid, at)
		block, err := Decode(wire)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for i := range block.Len() {
			e := block.Event(i)
			for j := range e.Len() {
				_, v := e.At(j)
				n += len(v)
			}
		}
	})
}

func BenchmarkPackUnpack(b *testing.B) {
	var wire, packed []byte
	benchmarkBlock(b, func(bl *Builder) {
		wire = bl.Encode(wire[:0], eid, at)
		packed = Pack(packed, wire)
		if _, err := Unpack(packed); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkRoot(b *testing.B) {
	var bl Builder
	d := draft(b, "sshd "+strings.Repeat("Failed password for root ", 10))
	for range 1000 {
		bl.Append(d)
	}
	block, err := bl.Block(eid, at)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		block.Root()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/event")
}
