SELECT $__timeInterval(minute) AS time, concat(source_zone, ' → ', destination_zone) AS zones, sum(events) AS events
FROM event_minutes WHERE $__timeFilter(minute) AND network_direction = 'crossing' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY time, zones ORDER BY time
