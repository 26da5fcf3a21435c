SELECT DISTINCT idx
FROM events
WHERE bus_seq = {bus:UInt64} AND tenant = {tenant:String} AND node = {node:String} AND epoch = {epoch:UInt64} AND block_seq = {seq:UInt64}
UNION ALL
SELECT DISTINCT idx
FROM dead
WHERE bus_seq = {bus:UInt64} AND tenant = {tenant:String} AND node = {node:String} AND epoch = {epoch:UInt64} AND block_seq = {seq:UInt64}
