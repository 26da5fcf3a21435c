CREATE MATERIALIZED VIEW IF NOT EXISTS event_minutes_from_events TO event_minutes AS
SELECT
    toDate(block_time) AS day,
    tenant,
    toStartOfMinute(toDateTime(timestamp, 'UTC')) AS minute,
    host_name,
    observer_product,
    event_category[1] AS category,
    event_action,
    event_outcome,
    network_direction,
    source_zone,
    destination_zone,
    site,
    count() AS events,
    countIf(notEmpty(rules)) AS matched,
    sum(events.source_bytes) AS source_bytes,
    sum(events.destination_bytes) AS destination_bytes,
    sum(events.network_bytes) AS network_bytes
FROM events
GROUP BY day, tenant, minute, host_name, observer_product, category, event_action, event_outcome, network_direction, source_zone, destination_zone, site
