SELECT if(source_ip = toIPv6('::'), '', replaceOne(toString(source_ip), '::ffff:', '')) AS source_address, destination_port AS port, event_action AS action, count() AS events, sum(source_bytes) AS bytes_in, max(timestamp) AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND destination_ip = toIPv6OrDefault(${address:singlequote}) AND toIPv6OrDefault(${address:singlequote}) != toIPv6('::') AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY source_ip, port, action ORDER BY events DESC LIMIT 50
