SELECT dateDiff('second', maxOrNull(created), now64(9, 'UTC')) AS last_stored FROM blocks WHERE created > now() - INTERVAL 30 DAY AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
