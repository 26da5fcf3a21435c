SELECT if(destination_ip = toIPv6('::'), '', replaceOne(toString(destination_ip), '::ffff:', '')) AS destination, destination_port AS port, any(network_application) AS application, any(fields['destination.geo.country_name']) AS country,
       sum(source_bytes) AS bytes_out, count() AS events, uniqExact(source_ip) AS clients
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND network_direction = 'outbound' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(source_zone IN (${zone:singlequote}), $zone)
GROUP BY destination_ip, port ORDER BY bytes_out DESC, events DESC LIMIT 50
