SELECT sum(events) AS changes FROM event_minutes WHERE $__timeFilter(minute) AND category IN ('configuration', 'iam') AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
