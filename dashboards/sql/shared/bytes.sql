SELECT $__timeInterval(minute) AS time, sum(source_bytes) AS bytes_out, sum(destination_bytes) AS bytes_in
FROM event_minutes WHERE $__timeFilter(minute) AND network_direction = 'outbound' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(source_zone IN (${zone:singlequote}), $zone)
GROUP BY time ORDER BY time
