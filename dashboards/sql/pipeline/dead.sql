SELECT ingested AS time, peer, code, reason, event_id
FROM dead WHERE $__timeFilter(block_time) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
ORDER BY time DESC LIMIT 100
