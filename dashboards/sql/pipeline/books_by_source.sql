SELECT peer, listener, sum(b.received) AS received, sum(b.accepted) AS accepted, sum(b.refused) AS refused, sum(b.stored) AS stored, sum(b.dead) AS dead, sum(b.pending) AS pending
FROM books AS b WHERE $__timeFilter(minute) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY peer, listener ORDER BY received DESC LIMIT 100
