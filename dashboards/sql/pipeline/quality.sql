SELECT $__timeInterval(minute) AS time, sum(unparsed) AS unparsed, sum(partial) AS partial, sum(clock_wrong) AS clock_wrong
FROM book_minutes WHERE $__timeFilter(minute) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY time ORDER BY time
