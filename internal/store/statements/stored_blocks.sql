SELECT tenant, node, epoch, block_seq, min(bus_seq)
FROM blocks
WHERE created >= fromUnixTimestamp64Nano({first:Int64}, 'UTC') AND created <= fromUnixTimestamp64Nano({last:Int64}, 'UTC')
    AND state = 'stored'
GROUP BY tenant, node, epoch, block_seq
