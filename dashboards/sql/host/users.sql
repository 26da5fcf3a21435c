SELECT user_name AS user, countIf(event_outcome = 'success') AS successes, countIf(event_outcome = 'failure') AS failures, uniqExact(source_ip) AS source_addresses, max(timestamp) AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND user_name != '' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(host_name IN (${host:singlequote}), $host)
GROUP BY user ORDER BY last DESC LIMIT 50
