SELECT tenant, node, epoch, block_seq, uniqExact(idx), 0
FROM events
WHERE bus_seq BETWEEN {first:UInt64} AND {last:UInt64}
GROUP BY tenant, node, epoch, block_seq
UNION ALL
SELECT tenant, node, epoch, block_seq, uniqExact(idx), 1
FROM dead
WHERE bus_seq BETWEEN {first:UInt64} AND {last:UInt64}
GROUP BY tenant, node, epoch, block_seq
