-- What a repair has to look at: the days of the rows from a sequence on.
SELECT count() > 0, toStartOfDay(min(block_time), 'UTC'), toStartOfDay(max(block_time), 'UTC') + INTERVAL 1 DAY
FROM events
WHERE bus_seq >= {seq:UInt64}
