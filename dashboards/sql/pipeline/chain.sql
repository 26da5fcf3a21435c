SELECT sum(gap) AS chain_gaps, sum(absent) AS absent FROM
(
    SELECT stream, max(chain_seq) - min(chain_seq) + 1 - uniqExact(chain_seq) AS gap, countIf(state = 'absent') AS absent
    FROM blocks WHERE $__timeFilter(created) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
    GROUP BY stream
)
