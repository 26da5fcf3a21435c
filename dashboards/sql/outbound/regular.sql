-- Calls at even distances: the spread of the gaps is small against their mean.
SELECT source_address, destination, port, calls, round(arrayAvg(gaps), 1) AS every,
       round(sqrt(arrayAvg(arrayMap(gap -> pow(gap - arrayAvg(gaps), 2), gaps))) / arrayAvg(gaps), 3) AS spread
FROM
(
    SELECT source_address, destination_address AS destination, destination_port AS port, count() AS calls,
           arrayPopFront(arrayDifference(arraySort(groupArray(2000)(toUnixTimestamp(toDateTime(timestamp)))))) AS gaps
    FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND network_direction = 'outbound' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(source_zone IN (${zone:singlequote}), $zone)
    GROUP BY source_address, destination, port
    HAVING calls >= 20
)
WHERE arrayAvg(gaps) >= 1 AND spread < 0.3
ORDER BY spread, calls DESC LIMIT 50
