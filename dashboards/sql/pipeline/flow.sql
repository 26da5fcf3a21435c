SELECT $__timeInterval(minute) AS time, sum(received) / $__interval_s AS received, sum(stored) / $__interval_s AS stored
FROM book_minutes WHERE $__timeFilter(minute) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY time ORDER BY time
