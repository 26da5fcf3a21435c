SELECT count() AS broken_in FROM
(
    SELECT source_ip FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND event_outcome IN ('failure', 'success') AND has(event_category, 'authentication') AND source_ip != toIPv6('::') AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(host_name IN (${host:singlequote}), $host) AND $__conditionalAll(user_name IN (${user:singlequote}), $user)
    GROUP BY source_ip HAVING countIf(event_outcome = 'failure') >= 5 AND maxIf(timestamp, event_outcome = 'success') > minIf(timestamp, event_outcome = 'failure')
)
