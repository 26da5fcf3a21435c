SELECT $__timeInterval(minute) AS time, sumIf(events, event_outcome = 'success') AS success, sumIf(events, event_outcome = 'failure') AS failure
FROM event_minutes WHERE $__timeFilter(minute) AND category = 'authentication' AND $__conditionalAll(host_name IN (${host:singlequote}), $host) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY time ORDER BY time
