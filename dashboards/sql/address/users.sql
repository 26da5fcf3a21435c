SELECT user_name AS user, host_name AS host, countIf(event_outcome = 'success') AS successes, countIf(event_outcome = 'failure') AS failures, max(timestamp) AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND (source_ip = toIPv6OrDefault(${address:singlequote}) OR destination_ip = toIPv6OrDefault(${address:singlequote})) AND toIPv6OrDefault(${address:singlequote}) != toIPv6('::') AND user_name != '' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY user, host ORDER BY last DESC LIMIT 50
