SELECT $__timeInterval(minute) AS time, rule, sum(events) AS events
FROM rule_minutes WHERE $__timeFilter(minute) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(host_name IN (${host:singlequote}), $host)
GROUP BY time, rule ORDER BY time
