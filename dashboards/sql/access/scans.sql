SELECT source_address, uniqExact(destination_port) AS ports, uniqExact(destination_ip) AS destinations, count() AS events, min(timestamp) AS first, max(timestamp) AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND network_direction IN ('inbound', 'internal', 'crossing') AND match(event_action, '(?i)(^|[-_])(deny|denied|drop|dropped|reject|rejected|block|blocked)') AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY source_address HAVING ports >= 10 OR destinations >= 10 ORDER BY events DESC LIMIT 50
