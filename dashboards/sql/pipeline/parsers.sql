SELECT parser, count() AS events, uniqExact(peer) AS sources, countIf(unparsed) AS unparsed, countIf(partial) AS partial, countIf(clock_wrong) AS clock_wrong, max(timestamp) AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY parser ORDER BY events DESC LIMIT 100
