package engine

import (
	"fmt"
	"strconv"
	"strings"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// maxRevision is the newest native protocol revision that a hello is encoded
// for; the one that clickhouse-go asks for (ClientTCPProtocolVersion).
const maxRevision = 54460

// hello answers the first query of clickhouse-go,
//
//	SELECT displayName(), version(), revision(), timezone()
//
// and selections like it: any order, any of the four, aliases. It must come from
// here: the driver reads the answer with block info at its own revision, which
// the engine does not write over this path, and the answer must say revision 0,
// so that the driver reads plain Native blocks from then on. ok is false for any
// other statement.
func (s *Server) hello(req *request) (answer []byte, ok bool) {
	names, columns := helloColumns(req.shape.sql)
	if names == nil || !strings.EqualFold(req.format, "Native") {
		return nil, false
	}
	block := proto.NewBlock()
	values := make([]any, len(columns))
	for i, c := range columns {
		typ := "String"
		switch c {
		case "displayname":
			values[i] = s.cfg.DisplayName
		case "version":
			values[i] = s.version
		case "timezone":
			values[i] = s.cfg.Timezone
		case "revision":
			typ, values[i] = "UInt32", uint32(0)
		}
		if block.AddColumn(names[i], column.Type(typ)) != nil {
			return nil, false
		}
	}
	if block.Append(values...) != nil {
		return nil, false
	}
	revision, err := strconv.ParseUint(req.query.Get("client_protocol_version"), 10, 32)
	if err != nil {
		revision = 0
	}
	var b chproto.Buffer
	if block.Encode(&b, min(revision, maxRevision)) != nil {
		return nil, false
	}
	return b.Buf, true
}

// helloColumns reads SELECT f() [AS name], … with the four functions only and
// revision() among them; nil when sql is anything else.
func helloColumns(sql string) (names, columns []string) {
	sc := scanner{src: sql}
	if t, ok := sc.next(); !ok || !t.is("SELECT") {
		return nil, nil
	}
	revision := false
	for {
		f, _ := sc.next()
		open, _ := sc.next()
		closing, _ := sc.next()
		if f.kind != bare || !open.punct("(") || !closing.punct(")") {
			return nil, nil
		}
		c := strings.ToLower(f.text)
		switch c {
		case "displayname", "version", "timezone":
		case "revision":
			revision = true
		default:
			return nil, nil
		}
		name := f.text + "()"
		t, more := sc.next()
		if more && t.is("AS") {
			t, _ = sc.next()
			name = t.text
			t, more = sc.next()
		}
		names, columns = append(names, name), append(columns, c)
		switch {
		case more && t.punct(","):
		case !more, t.punct(";"), t.is("FORMAT"):
			if !revision {
				return nil, nil
			}
			return names, columns
		default:
			return nil, nil
		}
	}
}

// plainHello is the same question for every other format: revision() does not
// exist in the engine as clients need it, so 0 stands in its place.
func plainHello(sql string) (string, bool) {
	names, columns := helloColumns(sql)
	if names == nil {
		return "", false
	}
	parts := make([]string, len(names))
	for i, c := range columns {
		f := map[string]string{"displayname": "displayName()", "version": "version()", "timezone": "timezone()", "revision": "toUInt32(0)"}[c]
		parts[i] = fmt.Sprintf("%s AS %s", f, quoteName(names[i]))
	}
	return "SELECT " + strings.Join(parts, ", "), true
}
