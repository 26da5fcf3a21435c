SELECT DISTINCT host_name FROM event_minutes WHERE $__timeFilter(minute) AND host_name != '' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) ORDER BY host_name LIMIT 1000
