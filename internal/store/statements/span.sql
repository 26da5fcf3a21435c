-- How many sequences have a row, and between which.
SELECT toUInt64(sum(n)), min(first), max(last)
FROM
(
    SELECT max(toUInt64(bus_seq - first_seq + 1)) AS n, min(first_seq) AS first, bus_seq AS last
    FROM blocks
    WHERE stream = {stream:String}
    GROUP BY bus_seq
)
