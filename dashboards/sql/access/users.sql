SELECT user_name AS user, countIf(event_outcome = 'failure') AS failures, countIf(event_outcome = 'success') AS successes,
       uniqExact(source_ip) AS source_addresses, max(timestamp) AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND event_outcome IN ('failure', 'success') AND has(event_category, 'authentication') AND user_name != '' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(host_name IN (${host:singlequote}), $host) AND $__conditionalAll(user_name IN (${user:singlequote}), $user)
GROUP BY user ORDER BY failures DESC, successes DESC LIMIT 50
