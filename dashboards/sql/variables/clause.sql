SELECT DISTINCT arrayJoin(rule_policy) AS clause FROM alerts WHERE $__timeFilter(timestamp) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) ORDER BY clause LIMIT 1000
