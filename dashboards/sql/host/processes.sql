SELECT process_name AS process, event_action AS action, count() AS events, countIf(notEmpty(rules)) AS matched, max(timestamp) AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(host_name IN (${host:singlequote}), $host)
GROUP BY process, action ORDER BY matched DESC, events DESC LIMIT 50
