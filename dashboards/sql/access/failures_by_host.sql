SELECT $__timeInterval(minute) AS time, if(host_name = '', 'network devices', host_name) AS host, sum(events) AS failures
FROM event_minutes WHERE $__timeFilter(minute) AND category = 'authentication' AND event_outcome = 'failure' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(host_name IN (${host:singlequote}), $host)
GROUP BY time, host ORDER BY time
