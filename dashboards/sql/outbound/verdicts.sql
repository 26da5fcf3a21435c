SELECT $__timeInterval(minute) AS time, sumIf(events, NOT match(event_action, '(?i)(^|[-_])(deny|denied|drop|dropped|reject|rejected|block|blocked)')) AS allowed, sumIf(events, match(event_action, '(?i)(^|[-_])(deny|denied|drop|dropped|reject|rejected|block|blocked)')) AS denied_out
FROM event_minutes WHERE $__timeFilter(minute) AND network_direction = 'outbound' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(source_zone IN (${zone:singlequote}), $zone)
GROUP BY time ORDER BY time
