SELECT $__timeInterval(timestamp) AS time,
       countIf(level_code = 4) AS critical, countIf(level_code = 3) AS high, countIf(level_code = 2) AS medium,
       countIf(level_code = 1) AS low, countIf(level_code = 0) AS informational
FROM alerts WHERE $__timeFilter(timestamp) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY time ORDER BY time
