SELECT
    b.minute AS time,
    sum(b.received) AS lines
FROM books AS b
WHERE b.minute >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
GROUP BY time
ORDER BY time
