SELECT $__timeInterval(minute) AS time, if(category = '', 'other', category) AS kind, sum(events) AS events
FROM event_minutes WHERE $__timeFilter(minute) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(host_name IN (${host:singlequote}), $host)
GROUP BY time, kind ORDER BY time
