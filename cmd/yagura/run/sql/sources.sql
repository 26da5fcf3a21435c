-- Every source ever heard, and what its lines of the last while were like. offset_*
-- are seconds of the device's clock minus ours, of lines that name no zone.
SELECT
    s.peer AS source,
    s.listener AS listener,
    s.last_seen AS last_seen,
    round(s.rate, 2) AS rate,
    s.silent_seconds AS silent_seconds,
    e.lines AS lines,
    e.parsers AS parsers,
    e.shares AS shares,
    e.unparsed AS unparsed,
    e.partial AS partial,
    if(e.lines > 0, round(e.clock_offset, 1), round(s.clock_offset, 1)) AS clock_offset,
    e.zoneless AS zoneless,
    e.offset_low AS offset_low,
    e.offset_middle AS offset_middle,
    e.offset_high AS offset_high,
    e.encodings AS encodings,
    e.zone AS zone
FROM sources AS s
LEFT JOIN
(
    SELECT
        tenant,
        listener,
        peer,
        sum(n) AS lines,
        arrayMap(p -> p.2, arrayReverseSort(groupArray((n, parser)))) AS parsers,
        arrayMap(p -> p.1, arrayReverseSort(groupArray((n, parser)))) AS shares,
        sum(unparsed_n) AS unparsed,
        sum(partial_n) AS partial,
        quantileMerge(0.5)(every) AS clock_offset,
        sum(zoneless_n) AS zoneless,
        quantileMerge(0.1)(low) AS offset_low,
        quantileMerge(0.5)(middle) AS offset_middle,
        quantileMerge(0.9)(high) AS offset_high,
        arrayDistinct(arrayFlatten(groupArray(codes))) AS encodings,
        argMax(zones, n)[1] AS zone
    FROM
    (
        SELECT
            tenant,
            listener,
            peer,
            parser,
            count() AS n,
            countIf(bitTest(flags, 0)) AS unparsed_n,
            countIf(bitTest(flags, 1)) AS partial_n,
            countIf(plain) AS zoneless_n,
            quantileStateIf(0.5)(ahead, timed) AS every,
            quantileStateIf(0.1)(ahead, plain) AS low,
            quantileStateIf(0.5)(ahead, plain) AS middle,
            quantileStateIf(0.9)(ahead, plain) AS high,
            groupUniqArrayIf(4)(code, code != '') AS codes,
            topK(1)(zone) AS zones
        FROM
        (
            SELECT
                tenant,
                listener,
                peer,
                parser,
                flags,
                zone,
                toFloat64(timestamp) - toFloat64(ingested) AS ahead,
                NOT bitTest(flags, 4) AND NOT bitTest(flags, 5) AS timed,
                timed AND NOT bitTest(flags, 6) AS plain,
                fields['yagura.encoding'] AS code
            FROM events
            WHERE block_time >= fromUnixTimestamp(SINCE)
        )
        GROUP BY tenant, listener, peer, parser
    )
    GROUP BY tenant, listener, peer
) AS e ON e.tenant = s.tenant AND e.listener = s.listener AND e.peer = s.peer
WHERE s.last_seen > toDateTime64(0, 9, 'UTC') -- else it was turned away: the books have it
ORDER BY last_seen DESC
LIMIT 4096
