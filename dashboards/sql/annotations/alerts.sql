SELECT timestamp AS time, if(rule_name_ja = '', rule_name, rule_name_ja) AS title, if(alert_reason_ja = '', alert_reason, alert_reason_ja) AS text, concat(rule_level, ',', rule_category) AS tags
FROM alerts
WHERE $__timeFilter(timestamp) AND level_code >= 3 AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
ORDER BY time DESC LIMIT 200
