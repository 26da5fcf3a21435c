SELECT min(bus_seq)
FROM blocks
WHERE stream = {stream:String} AND created >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND state != 'absent'
