SELECT if(source_ip = toIPv6('::'), '', replaceOne(toString(source_ip), '::ffff:', '')) AS source_address, countIf(event_outcome = 'failure') AS failures, groupUniqArrayIf(5)(user_name, event_outcome = 'success') AS entered_as,
       groupUniqArrayIf(5)(host_name, event_outcome = 'success') AS hosts, maxIf(timestamp, event_outcome = 'success') AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND event_outcome IN ('failure', 'success') AND has(event_category, 'authentication') AND source_ip != toIPv6('::') AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(host_name IN (${host:singlequote}), $host) AND $__conditionalAll(user_name IN (${user:singlequote}), $user)
GROUP BY source_ip HAVING failures >= 5 AND last > minIf(timestamp, event_outcome = 'failure')
ORDER BY last DESC LIMIT 50
