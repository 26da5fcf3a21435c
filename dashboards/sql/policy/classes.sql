SELECT $__timeInterval(timestamp) AS time, countIf(rule_category = 'unauthorized_access') AS unauthorized_access,
       countIf(rule_category = 'abnormal_outbound') AS abnormal_outbound, countIf(rule_category = 'policy_violation') AS policy_violation
FROM alerts WHERE $__timeFilter(timestamp) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(hasAny(rule_policy, [${clause:singlequote}]), $clause)
GROUP BY time ORDER BY time
