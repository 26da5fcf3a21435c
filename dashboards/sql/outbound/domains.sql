SELECT url_domain AS domain, count() AS events, uniqExact(source_ip) AS clients, countIf(http_request_method IN ('POST', 'PUT')) AS uploads,
       countIf(http_response_status_code = 403) AS denied_out, max(timestamp) AS last
FROM events WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND url_domain != '' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(source_zone IN (${zone:singlequote}), $zone)
GROUP BY domain ORDER BY events DESC LIMIT 50
