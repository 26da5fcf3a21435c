CREATE MATERIALIZED VIEW IF NOT EXISTS source_state_from_book_minutes TO source_state AS
SELECT
    tenant,
    listener,
    peer,
    sum(stored) AS events,
    sum(kernel_full + share + frame + denied + bus_full + shutdown + crash) AS refused,
    sum(book_minutes.unparsed) AS unparsed,
    min(first_ingested) AS first_seen,
    max(last_ingested) AS last_seen,
    max(book_minutes.last_timestamp) AS last_timestamp,
    argMaxState(book_minutes.parser, last_ingested) AS parser,
    argMaxState(if(stored BETWEEN 1 AND 1e12, offset_seconds / stored, 0), last_ingested) AS clock_offset
FROM book_minutes
GROUP BY tenant, listener, peer
