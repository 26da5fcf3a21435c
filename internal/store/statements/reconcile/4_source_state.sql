-- The sources of those minutes: all minutes less what was counted.
INSERT INTO source_state (tenant, listener, peer, events, refused, unparsed, first_seen, last_seen, last_timestamp, parser, clock_offset)
SELECT tenant, listener, peer, sum(n1) AS d1, sum(n2) AS d2, sum(n3) AS d3, min(first), max(last), max(device), argMaxState(by, last), argMaxState(offset, last)
FROM
(
    SELECT tenant, listener, peer, sum(m.stored) AS n1, sum(m.kernel_full + m.share + m.frame + m.denied + m.bus_full + m.shutdown + m.crash) AS n2, sum(m.unparsed) AS n3,
        min(m.first_ingested) AS first, max(m.last_ingested) AS last, max(m.last_timestamp) AS device, argMax(m.parser, m.last_ingested) AS by,
        argMax(if(m.stored BETWEEN 1 AND 1e12, m.offset_seconds / m.stored, 0), m.last_ingested) AS offset
    FROM book_minutes AS m
    WHERE (tenant, listener, peer) IN (SELECT tenant, listener, peer FROM book_minutes WHERE minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')})
    GROUP BY tenant, listener, peer
    UNION ALL
    SELECT tenant, listener, peer, toUInt64(0 - sum(s.events)), toUInt64(0 - sum(s.refused)), toUInt64(0 - sum(s.unparsed)),
        NULL, toDateTime64(0, 9, 'UTC'), toDateTime64(0, 6, 'UTC'), '', 0
    FROM source_state AS s
    WHERE (tenant, listener, peer) IN (SELECT tenant, listener, peer FROM book_minutes WHERE minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')})
    GROUP BY tenant, listener, peer
)
GROUP BY tenant, listener, peer
HAVING d1 != 0 OR d2 != 0 OR d3 != 0
