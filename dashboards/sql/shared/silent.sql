SELECT countIf(silent_seconds > 900) AS silent FROM sources WHERE $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
