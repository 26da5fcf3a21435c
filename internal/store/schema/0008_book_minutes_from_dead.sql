CREATE MATERIALIZED VIEW IF NOT EXISTS book_minutes_from_dead TO book_minutes AS
SELECT tenant, toStartOfMinute(block_time) AS minute, listener, peer, count() AS dead
FROM dead
GROUP BY tenant, minute, listener, peer
