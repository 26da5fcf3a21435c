SELECT count() AS late FROM incidents WHERE status = 'open' AND opened < now() - INTERVAL 1 DAY AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
