SELECT $__timeInterval(minute) AS time,
       sumIf(events, network_direction = 'outbound') AS outbound, sumIf(events, network_direction = 'inbound') AS inbound,
       sumIf(events, network_direction = 'internal') AS internal, sumIf(events, network_direction = 'crossing') AS crossing
FROM event_minutes WHERE $__timeFilter(minute) AND network_direction != '' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll((source_zone IN (${zone:singlequote}) OR destination_zone IN (${zone:singlequote})), $zone)
GROUP BY time ORDER BY time
