SELECT timestamp AS time, if(host_name = '', peer, host_name) AS host, event_action AS action, user_name AS user, source_address, parser, message AS line
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND has(event_category, 'configuration') AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
ORDER BY time DESC LIMIT 100
