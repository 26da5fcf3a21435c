package store

import (
	"fmt"
	"math"
	"net"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// newSlot makes the place that the driver scans a column into.
func newSlot(t reflect.Type) any {
	if t == nil {
		return new(any)
	}
	return reflect.New(t).Interface()
}

// plain turns a scanned value into what encoding/json writes.
func plain(slot any) any { return plainValue(reflect.ValueOf(slot).Elem()) }

func plainValue(v reflect.Value) any {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface { // Nullable columns, Dynamic
		if v.IsNil() {
			return nil
		}
		if _, ok := v.Interface().(fmt.Stringer); ok && v.Kind() == reflect.Pointer {
			if _, same := v.Elem().Interface().(fmt.Stringer); !same {
				break // big.Int: String is the pointer's
			}
		}
		v = v.Elem()
	}
	if !v.IsValid() {
		return nil
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	case net.IP:
		return addressText(x)
	case netip.Addr:
		return x.Unmap().String()
	case fmt.Stringer: // UUID, decimals, big integers
		return x.String()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plainValue(v.Index(i))
		}
		return list
	case reflect.Map:
		m := make(map[string]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			m[fmt.Sprint(plainValue(it.Key()))] = plainValue(it.Value())
		}
		return m
	}
	return plainScalar(v)
}

// exact is the largest whole number that JSON readers keep exactly.
const exact = 1 << 53

func plainScalar(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if n := v.Int(); n > exact || n < -exact {
			return strconv.FormatInt(n, 10)
		}
		return v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if n := v.Uint(); n > exact {
			return strconv.FormatUint(n, 10)
		}
		return v.Uint()
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil
		}
		return v.Float()
	case reflect.Bool:
		return v.Bool()
	case reflect.String:
		return v.String()
	}
	return fmt.Sprint(v.Interface())
}

// addressText is the canonical text; the empty address is "".
func addressText(ip net.IP) string {
	a, ok := netip.AddrFromSlice(ip)
	if !ok || a == netip.IPv6Unspecified() {
		return ""
	}
	return a.Unmap().String()
}

func isEmpty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(x) == ""
	case int64:
		return x == 0
	case uint64:
		return x == 0
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	}
	return false
}
