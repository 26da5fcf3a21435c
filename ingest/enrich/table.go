package enrich

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
)

// place is what is known of an address.
type place struct {
	asset uint32 // number of the asset from 1; 0: none
	zone  uint16 // number of the zone from 1; 0: in none
	known bool   // a zone was set, be it 0
	link  bool   // no zone was set, and the address never leaves a link
}

// entry is a prefix and what it sets; the rest comes from the prefix around it.
type entry struct {
	prefix netip.Prefix
	place
	sets uint8
}

const (
	setZone uint8 = 1 << iota
	setAsset
)

func (e entry) over(p place) place {
	if e.sets&setZone != 0 {
		p.zone, p.known = e.zone, e.known
	}
	if e.sets&setAsset != 0 {
		p.asset = e.asset
	}
	return p
}

// key6 is an IPv6 address as two numbers.
type key6 struct{ hi, lo uint64 }

func key4Of(a netip.Addr) uint32 {
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}

func key6Of(a netip.Addr) key6 {
	b := a.As16()
	return key6{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// table maps addresses to places: the starts of disjoint ranges, sorted, so that
// a look-up is one binary search however deep the prefixes are nested.
type table[K uint32 | key6] struct {
	starts []K
	places []place
}

// find4 returns the place of the range that holds k. It is written out for each
// kind of key: a comparing function would be called a dozen times a look-up.
func find4(t *table[uint32], k uint32) place {
	lo, hi := 0, len(t.starts)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if t.starts[mid] <= k {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return place{}
	}
	return t.places[lo-1]
}

// find6 is find4 for IPv6.
func find6(t *table[key6], k key6) place {
	lo, hi := 0, len(t.starts)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if s := &t.starts[mid]; s.hi < k.hi || s.hi == k.hi && s.lo <= k.lo {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return place{}
	}
	return t.places[lo-1]
}

// newTables flattens the nested prefixes of each family into ranges. Among equal
// prefixes the later entry is laid over the earlier one.
func newTables(all []entry) (v4 table[uint32], v6 table[key6]) {
	slices.SortStableFunc(all, func(a, b entry) int {
		if c := a.prefix.Addr().Compare(b.prefix.Addr()); c != 0 {
			return c
		}
		return cmp.Compare(a.prefix.Bits(), b.prefix.Bits())
	})
	flatten(all, func(start netip.Addr, p place) {
		if start.Is4() {
			v4.add(key4Of(start), p)
		} else {
			v6.add(key6Of(start), p)
		}
	})
	return v4, v6
}

// add begins a range at k; a range that began there before is empty and goes.
func (t *table[K]) add(k K, p place) {
	if n := len(t.starts); n > 0 && t.starts[n-1] == k {
		t.places[n-1] = p
		return
	}
	t.starts = append(t.starts, k)
	t.places = append(t.places, p)
}

// flatten walks the sorted prefixes and tells where which place begins.
func flatten(all []entry, begin func(start netip.Addr, p place)) {
	type open struct {
		last netip.Addr
		place
	}
	var stack []open
	around := func() place {
		if len(stack) == 0 {
			return place{}
		}
		return stack[len(stack)-1].place
	}
	closeBefore := func(next netip.Addr) {
		for len(stack) > 0 {
			top := stack[len(stack)-1]
			if next.IsValid() && top.last.BitLen() == next.BitLen() && next.Compare(top.last) <= 0 {
				return
			}
			stack = stack[:len(stack)-1]
			if after := top.last.Next(); after.IsValid() {
				begin(after, around())
			}
		}
	}
	for _, e := range all {
		closeBefore(e.prefix.Addr())
		p := e.over(around())
		stack = append(stack, open{lastOf(e.prefix), p})
		begin(e.prefix.Addr(), p)
	}
	closeBefore(netip.Addr{})
}

// lastOf is the last address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < 8*len(b); i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}
