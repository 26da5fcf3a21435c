CREATE MATERIALIZED VIEW IF NOT EXISTS book_minutes_from_blocks TO book_minutes AS
SELECT
    tenant,
    toStartOfMinute(toDateTime(created, 'UTC')) AS minute,
    l AS listener,
    p AS peer,
    sum(r) AS received,
    sum(a) AS accepted,
    sum(x[1]) AS kernel_full,
    sum(x[2]) AS share,
    sum(x[3]) AS frame,
    sum(x[4]) AS denied,
    sum(x[5]) AS bus_full,
    sum(x[6]) AS shutdown,
    sum(x[7]) AS crash
FROM blocks
ARRAY JOIN tally_listener AS l, tally_peer AS p, tally_received AS r, tally_accepted AS a, tally_refused AS x
GROUP BY tenant, minute, listener, peer
