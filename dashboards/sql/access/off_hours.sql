-- Office hours: Monday to Friday, 7:00 to 20:00 in Japan. Holidays are the rules' business.
SELECT timestamp AS time, user_name AS user, host_name AS host, source_address, event_action AS action, parser
FROM events
WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND has(event_category, 'authentication') AND event_outcome = 'success' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(host_name IN (${host:singlequote}), $host) AND $__conditionalAll(user_name IN (${user:singlequote}), $user)
  AND (toDayOfWeek(timestamp, 0, 'Asia/Tokyo') > 5 OR toHour(timestamp, 'Asia/Tokyo') NOT BETWEEN 7 AND 19)
ORDER BY time DESC LIMIT 100
