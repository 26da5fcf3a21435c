CREATE MATERIALIZED VIEW IF NOT EXISTS rule_minutes_from_events TO rule_minutes AS
SELECT
    toDate(block_time) AS day,
    tenant,
    toStartOfMinute(toDateTime(timestamp, 'UTC')) AS minute,
    rule,
    host_name,
    count() AS events
FROM events
ARRAY JOIN rules AS rule
GROUP BY day, tenant, minute, rule, host_name
