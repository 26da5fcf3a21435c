CREATE MATERIALIZED VIEW IF NOT EXISTS book_minutes_from_events TO book_minutes AS
SELECT
    tenant,
    toStartOfMinute(block_time) AS minute,
    listener,
    peer,
    count() AS stored,
    sum(length(raw)) AS raw_bytes,
    countIf(bitTest(flags, 0)) AS unparsed,
    countIf(bitTest(flags, 1)) AS partial,
    countIf(bitTest(flags, 3)) AS clock_wrong,
    sum(toFloat64(timestamp) - toFloat64(ingested)) AS offset_seconds,
    min(events.ingested) AS first_ingested,
    max(events.ingested) AS last_ingested,
    max(events.timestamp) AS last_timestamp,
    max(events.parser) AS parser
FROM events
GROUP BY tenant, minute, listener, peer
