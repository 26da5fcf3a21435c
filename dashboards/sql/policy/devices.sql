SELECT timestamp AS time, host_name AS host, event_action AS action, user_name AS user, message AS line
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND match(event_action, '(?i)usb|removable') AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
ORDER BY time DESC LIMIT 100
