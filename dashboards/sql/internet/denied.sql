SELECT $__timeInterval(minute) AS time,
       sumIf(events, network_direction = 'inbound') AS denied_in, sumIf(events, network_direction = 'outbound') AS denied_out,
       sumIf(events, network_direction IN ('internal', 'crossing')) AS denied_inside
FROM event_minutes WHERE $__timeFilter(minute) AND match(event_action, '(?i)(^|[-_])(deny|denied|drop|dropped|reject|rejected|block|blocked)') AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll((source_zone IN (${zone:singlequote}) OR destination_zone IN (${zone:singlequote})), $zone)
GROUP BY time ORDER BY time
