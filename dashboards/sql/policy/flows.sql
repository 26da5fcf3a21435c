SELECT source_zone AS zone_from, destination_zone AS zone_to, flow, destination_port AS port, count() AS events, uniqExact(source_ip) AS clients,
       groupUniqArray(3)(source_address) AS by, max(timestamp) AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND flow != '' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY zone_from, zone_to, flow, port ORDER BY flow = 'allowed', events DESC LIMIT 100
