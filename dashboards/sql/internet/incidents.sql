SELECT updated AS time, rule_level AS level, status, incident_id AS incident, if(rule_name_ja = '', rule_name, rule_name_ja) AS rule, alert_group AS about, alerts, assignee
FROM incidents WHERE (status != 'closed' OR $__timeFilter(updated)) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
ORDER BY status != 'open', level_code DESC, updated DESC LIMIT 100
