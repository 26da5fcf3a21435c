INSERT INTO rule_minutes (day, tenant, minute, rule, host_name, events)
SELECT day, tenant, minute, rule, host_name, sum(a) AS da
FROM
(
    SELECT toDate(block_time) AS day, tenant, toStartOfMinute(toDateTime(timestamp, 'UTC')) AS minute, rule, host_name, count() AS a
    FROM events
    ARRAY JOIN rules AS rule
    WHERE block_time >= {day_from:DateTime('UTC')} AND block_time < {day_to:DateTime('UTC')}
        AND minute IN (SELECT toStartOfMinute(toDateTime(timestamp, 'UTC')) FROM events WHERE bus_seq >= {seq:UInt64})
    GROUP BY day, tenant, minute, rule, host_name
    UNION ALL
    SELECT day, tenant, minute, rule, host_name, toUInt64(0 - sum(events))
    FROM rule_minutes
    WHERE day >= toDate({day_from:DateTime('UTC')}) AND day < toDate({day_to:DateTime('UTC')})
        AND minute IN (SELECT toStartOfMinute(toDateTime(timestamp, 'UTC')) FROM events WHERE bus_seq >= {seq:UInt64})
    GROUP BY day, tenant, minute, rule, host_name
)
GROUP BY day, tenant, minute, rule, host_name
HAVING da != 0
