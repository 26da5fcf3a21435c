SELECT $__timeInterval(minute) AS time, sum(kernel_full) AS kernel_full, sum(share) AS share, sum(frame) AS frame, sum(denied) AS denied,
       sum(bus_full) AS bus_full, sum(shutdown) AS shutdown, sum(crash) AS crash, sum(dead) AS dead
FROM book_minutes WHERE $__timeFilter(minute) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY time ORDER BY time
