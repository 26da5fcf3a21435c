-- Walks the rows in order and compares neighbours. A border at each end stands
-- for what lies outside.
SELECT toUInt64(ends + 1), toUInt64(first_seq - 1)
FROM
(
    SELECT first_seq, max(bus_seq) OVER (ORDER BY first_seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ends
    FROM
    (
        SELECT bus_seq, min(first_seq) AS first_seq
        FROM blocks
        WHERE stream = {stream:String} AND bus_seq >= {from:UInt64} AND blocks.first_seq <= {to:UInt64}
        GROUP BY bus_seq
        UNION ALL
        SELECT toUInt64({from:UInt64} - 1), toUInt64({from:UInt64} - 1)
        UNION ALL
        SELECT toUInt64({to:UInt64} + 1), toUInt64({to:UInt64} + 1)
    )
)
WHERE ends + 1 < first_seq AND first_seq > {from:UInt64}
ORDER BY ends
LIMIT {most:UInt64}
