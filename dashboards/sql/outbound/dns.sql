SELECT dns_question_name AS domain, count() AS events, uniqExact(source_ip) AS clients, max(length(dns_question_name)) AS longest, max(timestamp) AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND dns_question_name != '' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY domain ORDER BY longest DESC, events DESC LIMIT 50
