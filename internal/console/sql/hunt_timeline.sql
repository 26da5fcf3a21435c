-- Everything about an address, a user or a host, in order.
WITH
    toDateTime64({since:String}, 6, 'UTC') AS since,
    toDateTime64({until:String}, 6, 'UTC') AS until,
    {entity:String} AS text,
    toIPv6OrDefault({entity:String}) AS ip,
    lower({entity:String}) AS low
SELECT
    timestamp AS time,
    if(host_name = '', if(observer_name = '', peer, observer_name), host_name) AS host,
    event_action AS action,
    event_outcome AS outcome,
    user_name AS user,
    if(source_ip = toIPv6('::'), '', replaceRegexpOne(toString(source_ip), '^::ffff:', '')) AS source,
    if(destination_ip = toIPv6('::'), '', replaceRegexpOne(toString(destination_ip), '^::ffff:', '')) AS destination,
    toBool(length(alerts) > 0) AS alert,
    substring(message, 1, 300) AS message,
    event_id AS event
FROM events
WHERE timestamp BETWEEN since AND until AND (
    ip != toIPv6('::') AND (source_ip = ip OR destination_ip = ip OR peer = text OR fields['client.ip'] = text OR fields['source.nat.ip'] = text OR fields['destination.nat.ip'] = text OR fields['host.ip'] = text)
    OR ip = toIPv6('::') AND (lower(user_name) = low OR lower(user_target_name) = low OR lower(host_name) = low OR startsWith(lower(host_name), concat(low, '.'))
        OR lower(fields['client.domain']) = low OR lower(fields['source.domain']) = low OR lower(fields['source.user.name']) = low OR lower(fields['destination.user.name']) = low))
ORDER BY timestamp, event_id
