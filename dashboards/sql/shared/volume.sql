SELECT time, sum(present) AS events, sum(past) AS last_week FROM
(
    SELECT $__timeInterval(minute) AS time, events AS present, 0 AS past
    FROM event_minutes WHERE $__timeFilter(minute) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
    UNION ALL
    SELECT $__timeInterval(minute + INTERVAL 7 DAY) AS time, 0 AS present, events AS past
    FROM event_minutes WHERE minute >= $__fromTime - INTERVAL 7 DAY AND minute <= $__toTime - INTERVAL 7 DAY AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
)
GROUP BY time ORDER BY time
