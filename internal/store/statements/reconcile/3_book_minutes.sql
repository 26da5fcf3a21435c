-- The books: what blocks promise, events hold and dead holds, less what was counted.
INSERT INTO book_minutes
    (tenant, minute, listener, peer, received, accepted, kernel_full, share, frame, denied, bus_full, shutdown, crash,
    stored, dead, raw_bytes, unparsed, partial, clock_wrong, offset_seconds, first_ingested, last_ingested, last_timestamp, parser)
SELECT tenant, minute, listener, peer, sum(n1) AS d1, sum(n2) AS d2, sum(n3) AS d3, sum(n4) AS d4, sum(n5) AS d5, sum(n6) AS d6, sum(n7) AS d7,
    sum(n8) AS d8, sum(n9) AS d9, sum(n10) AS d10, sum(n11) AS d11, sum(n12) AS d12, sum(n13) AS d13, sum(n14) AS d14, sum(n15) AS d15,
    sum(seconds), min(first), max(last), max(device), max(by)
FROM
(
    SELECT tenant, toStartOfMinute(block_time) AS minute, listener, peer,
        toUInt64(0) AS n1, toUInt64(0) AS n2, toUInt64(0) AS n3, toUInt64(0) AS n4, toUInt64(0) AS n5, toUInt64(0) AS n6, toUInt64(0) AS n7, toUInt64(0) AS n8, toUInt64(0) AS n9,
        count() AS n10, toUInt64(0) AS n11, sum(length(raw)) AS n12, countIf(bitTest(flags, 0)) AS n13, countIf(bitTest(flags, 1)) AS n14, countIf(bitTest(flags, 3)) AS n15,
        sum(toFloat64(timestamp) - toFloat64(ingested)) AS seconds, toNullable(min(ingested)) AS first, max(ingested) AS last, max(timestamp) AS device, max(toString(parser)) AS by
    FROM events
    WHERE block_time >= {from:DateTime('UTC')} AND block_time < {to:DateTime('UTC')}
    GROUP BY tenant, minute, listener, peer
    UNION ALL
    SELECT tenant, toStartOfMinute(toDateTime(created, 'UTC')) AS minute, l, p,
        sum(r), sum(a), sum(x[1]), sum(x[2]), sum(x[3]), sum(x[4]), sum(x[5]), sum(x[6]), sum(x[7]),
        0, 0, 0, 0, 0, 0, 0, NULL, toDateTime64(0, 9, 'UTC'), toDateTime64(0, 6, 'UTC'), ''
    FROM blocks FINAL
    ARRAY JOIN tally_listener AS l, tally_peer AS p, tally_received AS r, tally_accepted AS a, tally_refused AS x
    WHERE created >= {from:DateTime('UTC')} AND created < {to:DateTime('UTC')}
    GROUP BY tenant, minute, l, p
    UNION ALL
    SELECT tenant, toStartOfMinute(block_time) AS minute, listener, peer, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, count(), 0, 0, 0, 0, 0, NULL, toDateTime64(0, 9, 'UTC'), toDateTime64(0, 6, 'UTC'), ''
    FROM dead FINAL
    WHERE block_time >= {from:DateTime('UTC')} AND block_time < {to:DateTime('UTC')}
    GROUP BY tenant, minute, listener, peer
    UNION ALL
    SELECT tenant, minute, listener, peer,
        toUInt64(0 - sum(m.received)), toUInt64(0 - sum(m.accepted)), toUInt64(0 - sum(m.kernel_full)), toUInt64(0 - sum(m.share)), toUInt64(0 - sum(m.frame)),
        toUInt64(0 - sum(m.denied)), toUInt64(0 - sum(m.bus_full)), toUInt64(0 - sum(m.shutdown)), toUInt64(0 - sum(m.crash)),
        toUInt64(0 - sum(m.stored)), toUInt64(0 - sum(m.dead)), toUInt64(0 - sum(m.raw_bytes)), toUInt64(0 - sum(m.unparsed)), toUInt64(0 - sum(m.partial)), toUInt64(0 - sum(m.clock_wrong)),
        0 - sum(m.offset_seconds), NULL, toDateTime64(0, 9, 'UTC'), toDateTime64(0, 6, 'UTC'), ''
    FROM book_minutes AS m
    WHERE minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
    GROUP BY tenant, minute, listener, peer
)
GROUP BY tenant, minute, listener, peer
HAVING d1 != 0 OR d2 != 0 OR d3 != 0 OR d4 != 0 OR d5 != 0 OR d6 != 0 OR d7 != 0 OR d8 != 0 OR d9 != 0 OR d10 != 0 OR d11 != 0 OR d12 != 0 OR d13 != 0 OR d14 != 0 OR d15 != 0
