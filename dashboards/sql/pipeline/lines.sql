SELECT timestamp, message AS body, multiIf(severity_code BETWEEN 0 AND 2, 'critical', severity_code = 3, 'error', severity_code = 4, 'warn', severity_code = 7, 'debug', 'info') AS level, host_name AS host, parser, source_address, destination_address AS destination, user_name AS user, event_action AS action, rules, event_id
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND (unparsed OR partial OR clock_wrong) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
ORDER BY timestamp DESC LIMIT 200
