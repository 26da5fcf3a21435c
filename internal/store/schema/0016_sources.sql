-- Every source ever heard: rate is events a second over the last ten whole
-- minutes, clock_offset the device's clock minus ours in seconds.
CREATE VIEW IF NOT EXISTS sources AS
SELECT
    s.tenant AS tenant,
    s.listener AS listener,
    s.peer AS peer,
    min(s.first_seen) AS first_seen,
    max(s.last_seen) AS last_seen,
    max(s.last_timestamp) AS last_timestamp,
    any(r.rate) AS rate,
    sum(s.events) AS events,
    sum(s.refused) AS refused,
    sum(s.unparsed) AS unparsed,
    argMaxMerge(s.parser) AS parser,
    argMaxMerge(s.clock_offset) AS clock_offset,
    dateDiff('second', max(s.last_seen), now64(9, 'UTC')) AS silent_seconds
FROM source_state AS s
LEFT JOIN
(
    SELECT tenant, listener, peer, sum(stored) / 600 AS rate
    FROM book_minutes
    WHERE minute >= toStartOfMinute(now('UTC')) - 600 AND minute < toStartOfMinute(now('UTC'))
    GROUP BY tenant, listener, peer
) AS r ON r.tenant = s.tenant AND r.listener = s.listener AND r.peer = s.peer
GROUP BY tenant, listener, peer
