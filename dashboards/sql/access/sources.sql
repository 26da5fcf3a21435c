SELECT if(source_ip = toIPv6('::'), '', replaceOne(toString(source_ip), '::ffff:', '')) AS source_address, countIf(event_outcome = 'failure') AS failures, countIf(event_outcome = 'success') AS successes,
       uniqExactIf(user_name, event_outcome = 'failure') AS users, uniqExact(host_name) AS host_count, max(timestamp) AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND event_outcome IN ('failure', 'success') AND has(event_category, 'authentication') AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(host_name IN (${host:singlequote}), $host) AND $__conditionalAll(user_name IN (${user:singlequote}), $user)
GROUP BY source_ip HAVING failures > 0 ORDER BY failures DESC LIMIT 50
