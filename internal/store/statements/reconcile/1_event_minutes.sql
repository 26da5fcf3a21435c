-- What events hold less what was counted; sums wrap, so that a difference may be
-- below zero.
INSERT INTO event_minutes
    (day, tenant, minute, host_name, observer_product, category, event_action, event_outcome, network_direction, source_zone, destination_zone, site,
    events, matched, source_bytes, destination_bytes, network_bytes)
SELECT day, tenant, minute, host_name, observer_product, category, event_action, event_outcome, network_direction, source_zone, destination_zone, site,
    sum(a) AS da, sum(b) AS db, sum(c) AS dc, sum(d) AS dd, sum(e) AS de
FROM
(
    SELECT toDate(block_time) AS day, tenant, toStartOfMinute(toDateTime(timestamp, 'UTC')) AS minute, host_name, observer_product,
        event_category[1] AS category, event_action, event_outcome, network_direction, source_zone, destination_zone, site,
        count() AS a, countIf(notEmpty(rules)) AS b, sum(source_bytes) AS c, sum(destination_bytes) AS d, sum(network_bytes) AS e
    FROM events
    WHERE block_time >= {day_from:DateTime('UTC')} AND block_time < {day_to:DateTime('UTC')}
        AND minute IN (SELECT toStartOfMinute(toDateTime(timestamp, 'UTC')) FROM events WHERE bus_seq >= {seq:UInt64})
    GROUP BY day, tenant, minute, host_name, observer_product, category, event_action, event_outcome, network_direction, source_zone, destination_zone, site
    UNION ALL
    SELECT day, tenant, minute, host_name, observer_product, category, event_action, event_outcome, network_direction, source_zone, destination_zone, site,
        toUInt64(0 - sum(events)), toUInt64(0 - sum(matched)), toUInt64(0 - sum(source_bytes)), toUInt64(0 - sum(destination_bytes)), toUInt64(0 - sum(network_bytes))
    FROM event_minutes
    WHERE day >= toDate({day_from:DateTime('UTC')}) AND day < toDate({day_to:DateTime('UTC')})
        AND minute IN (SELECT toStartOfMinute(toDateTime(timestamp, 'UTC')) FROM events WHERE bus_seq >= {seq:UInt64})
    GROUP BY day, tenant, minute, host_name, observer_product, category, event_action, event_outcome, network_direction, source_zone, destination_zone, site
)
GROUP BY day, tenant, minute, host_name, observer_product, category, event_action, event_outcome, network_direction, source_zone, destination_zone, site
HAVING da != 0 OR db != 0 OR dc != 0 OR dd != 0 OR de != 0
