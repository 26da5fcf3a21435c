SELECT timestamp AS time, host_name AS host, event_action AS action, user_name AS user, user_target_name AS target, source_address, parser
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND hasAny(event_category, ['iam', 'configuration']) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(host_name IN (${host:singlequote}), $host) AND $__conditionalAll(user_name IN (${user:singlequote}), $user)
ORDER BY time DESC LIMIT 100
