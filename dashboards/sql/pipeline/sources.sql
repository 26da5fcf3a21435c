SELECT peer, listener, parser, last_seen AS last, silent_seconds, rate AS events_per_second, events, refused, unparsed, clock_offset
FROM sources WHERE $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
ORDER BY silent_seconds DESC LIMIT 100
