-- The highest block of one maker. Its epoch is its start: no block of it is
-- older, which leaves most of the table unread.
SELECT max(block_seq)
FROM blocks
WHERE created >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
    AND tenant = {tenant:String} AND node = {node:String} AND epoch = {epoch:UInt64} AND state != 'absent'
