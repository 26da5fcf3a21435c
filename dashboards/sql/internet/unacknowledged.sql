SELECT countIf(opened < now() - INTERVAL 15 MINUTE) AS late FROM incidents WHERE status = 'open' AND level_code >= 2 AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
