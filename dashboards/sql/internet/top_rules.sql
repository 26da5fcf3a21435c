SELECT if(rule_name_ja = '', rule_name, rule_name_ja) AS rule, argMax(rule_level, timestamp) AS level, count() AS alerts, max(timestamp) AS last
FROM alerts WHERE $__timeFilter(timestamp) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY rule ORDER BY max(level_code) DESC, alerts DESC LIMIT 20
