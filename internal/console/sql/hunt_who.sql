-- Which machine and which person had an address at a time: everything that ties
-- one to it; what came last before the time stands first, what came after it last.
WITH
    toDateTime64({at:String}, 6, 'UTC') AS t,
    toIPv6({address:String}) AS ip,
    {address:String} AS text,
    t - toIntervalSecond({before:UInt32}) AS since,
    t + toIntervalSecond({after:UInt32}) AS until
SELECT
    tie.1 AS is,
    tie.2 AS name,
    tie.3 AS known_by,
    count() AS events,
    min(timestamp) AS first,
    max(timestamp) AS last,
    nullIf(maxIf(timestamp, timestamp <= t), toDateTime64(0, 6, 'UTC')) AS before,
    nullIf(minIf(timestamp, timestamp > t), toDateTime64(0, 6, 'UTC')) AS after,
    argMin(host_name, abs(dateDiff('microsecond', timestamp, t))) AS told_by,
    argMin(event_id, abs(dateDiff('microsecond', timestamp, t))) AS event
FROM
(
    -- leases
    SELECT timestamp, event_id, host_name, arrayJoin([
        ('pc', fields['client.domain'], concat('DHCP: ', event_action)),
        ('mac', fields['client.mac'], concat('DHCP: ', event_action))]) AS tie
    FROM events
    WHERE timestamp BETWEEN since AND until AND (network_protocol = 'dhcp' OR event_code = '0100026001') AND fields['client.ip'] = text
    UNION ALL
    -- log-ons from the address; a machine's account is the machine
    SELECT timestamp, event_id, host_name, arrayJoin([
        (if(endsWith(user_name, '$'), 'pc', 'person'),
            if(endsWith(user_name, '$'), substring(user_name, 1, length(user_name) - 1), user_name),
            concat('log-on at ', if(host_name = '', observer_name, host_name))),
        ('pc', fields['source.domain'], 'name in a log-on')]) AS tie
    FROM events
    WHERE timestamp BETWEEN since AND until AND source_ip = ip AND event_outcome = 'success'
        AND (has(event_category, 'authentication') OR has(event_category, 'session'))
    UNION ALL
    -- who used the proxy from it
    SELECT timestamp, event_id, host_name, ('person', user_name, 'proxy or web log') AS tie
    FROM events
    WHERE timestamp BETWEEN since AND until AND source_ip = ip AND has(event_category, 'web')
    UNION ALL
    -- addresses given to VPN users
    SELECT timestamp, event_id, host_name, arrayJoin([
        ('person', user_name, 'VPN: address given'),
        ('remote', if(source_ip = toIPv6('::'), '', replaceRegexpOne(toString(source_ip), '^::ffff:', '')), 'VPN: address given')]) AS tie
    FROM events
    WHERE timestamp BETWEEN since AND until AND event_action IN ('address-assigned', 'tunnel-up')
        AND (fields['source.nat.ip'] = text OR fields['client.ip'] = text OR fields['fortinet.tunnelip'] = text)
    UNION ALL
    -- machines that send their own log, or say their own address
    SELECT timestamp, event_id, host_name, ('pc', host_name, 'its own log') AS tie
    FROM events
    WHERE timestamp BETWEEN since AND until AND peer = text AND listener != 'import'
    UNION ALL
    SELECT timestamp, event_id, host_name, ('pc', host_name, 'its own report') AS tie
    FROM events
    WHERE timestamp BETWEEN since AND until AND has(mapKeys(fields), 'host.ip') AND has(splitByRegexp('[^0-9a-fA-F.:]+', fields['host.ip']), text)
    UNION ALL
    -- the list of assets
    SELECT timestamp, event_id, host_name, ('asset', fields['yagura.source.asset'], 'list of assets') AS tie
    FROM events
    WHERE timestamp BETWEEN since AND until AND source_ip = ip
)
WHERE tie.2 NOT IN ('', '-', 'N/A')
GROUP BY is, name, known_by
ORDER BY indexOf(['pc', 'person', 'mac', 'remote', 'asset'], is), before IS NULL, before DESC, after, name
