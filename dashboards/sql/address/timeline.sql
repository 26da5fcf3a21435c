SELECT $__timeInterval(timestamp) AS time, countIf(source_ip = toIPv6OrDefault(${address:singlequote})) AS as_source, countIf(destination_ip = toIPv6OrDefault(${address:singlequote})) AS as_destination
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND (source_ip = toIPv6OrDefault(${address:singlequote}) OR destination_ip = toIPv6OrDefault(${address:singlequote})) AND toIPv6OrDefault(${address:singlequote}) != toIPv6('::') AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY time ORDER BY time
