-- Rows beyond the last block's row: an insert was cut short.
SELECT max(bus_seq) FROM events WHERE bus_seq > {seq:UInt64}
