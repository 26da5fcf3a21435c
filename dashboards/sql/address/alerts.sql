SELECT timestamp AS time, rule_level AS level, if(rule_name_ja = '', rule_name, rule_name_ja) AS rule, if(alert_reason_ja = '', alert_reason, alert_reason_ja) AS reason, source_ip AS source_address, destination_ip AS destination, user_name AS user, host_name AS host
FROM alerts WHERE $__timeFilter(timestamp) AND (source_ip = ${address:singlequote} OR destination_ip = ${address:singlequote} OR has(group_values, ${address:singlequote})) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
ORDER BY time DESC LIMIT 100
