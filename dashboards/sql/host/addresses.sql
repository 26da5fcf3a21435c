SELECT if(source_ip = toIPv6('::'), '', replaceOne(toString(source_ip), '::ffff:', '')) AS source_address, count() AS events, countIf(event_outcome = 'failure') AS failures, max(timestamp) AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND source_ip != toIPv6('::') AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(host_name IN (${host:singlequote}), $host)
GROUP BY source_ip ORDER BY events DESC LIMIT 50
