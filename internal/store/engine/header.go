package engine

import (
	"encoding/json"
	"strings"

	chproto "github.com/ClickHouse/ch-go/proto"
)

// emptyBlock is the Native block without rows that a server sends for an empty
// result, so that clients learn the columns. The engine writes nothing at all
// then. Only for a SELECT without clauses after it; nil when it cannot be told.
func (c *conn) emptyBlock(st statement) []byte {
	sql := strings.TrimRight(st.sql, "; \t\r\n")
	var table struct {
		Data [][]string `json:"data"`
	}
	describe := statement{sql: "DESCRIBE TABLE (\n" + sql + "\n)", format: "JSONCompact", params: st.params}
	_, err := c.query(describe, func(b []byte) error { return json.Unmarshal(b, &table) })
	if err != nil || len(table.Data) == 0 {
		return nil
	}
	var b chproto.Buffer
	b.PutUVarInt(uint64(len(table.Data)))
	b.PutUVarInt(0)
	for _, column := range table.Data {
		if len(column) < 2 {
			return nil
		}
		b.PutString(column[0])
		b.PutString(column[1])
	}
	return b.Buf
}
