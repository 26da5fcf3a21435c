-- What a repair has to look at: the days and minutes of the rows from a sequence on.
SELECT
    count() > 0,
    toStartOfDay(min(block_time), 'UTC'),
    toStartOfDay(max(block_time), 'UTC') + INTERVAL 1 DAY,
    min(toStartOfMinute(toDateTime(timestamp, 'UTC'))),
    max(toStartOfMinute(toDateTime(timestamp, 'UTC')))
FROM events
WHERE bus_seq >= {seq:UInt64}
