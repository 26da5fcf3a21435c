SELECT fields['destination.geo.country_name'] AS country, count() AS events, uniqExact(source_ip) AS clients, sum(source_bytes) AS bytes_out
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND network_direction = 'outbound' AND country NOT IN ('', 'Reserved', 'Japan') AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(source_zone IN (${zone:singlequote}), $zone)
GROUP BY country ORDER BY bytes_out DESC, events DESC LIMIT 50
