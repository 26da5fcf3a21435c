SELECT count() > 0, toStartOfMinute(toDateTime(min(created), 'UTC')), toStartOfMinute(toDateTime(max(created), 'UTC')) + INTERVAL 1 MINUTE
FROM blocks
WHERE stream = {stream:String} AND bus_seq >= {seq:UInt64} AND state != 'absent'
