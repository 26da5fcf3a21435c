SELECT
    rule_level,
    rule_category,
    count() AS alerts
FROM alerts
WHERE timestamp >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
GROUP BY rule_level, rule_category
ORDER BY rule_level, rule_category
