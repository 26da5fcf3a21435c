SELECT if(source_ip = toIPv6('::'), '', replaceOne(toString(source_ip), '::ffff:', '')) AS source_address, sum(source_bytes) AS bytes_out, sum(destination_bytes) AS bytes_in, count() AS events, uniqExact(destination_ip) AS destinations,
       countIf(match(event_action, '(?i)(^|[-_])(deny|denied|drop|dropped|reject|rejected|block|blocked)')) AS denied_out, max(timestamp) AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND network_direction = 'outbound' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(source_zone IN (${zone:singlequote}), $zone)
GROUP BY source_ip ORDER BY bytes_out DESC, events DESC LIMIT 50
