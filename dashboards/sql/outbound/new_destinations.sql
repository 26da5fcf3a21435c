-- Not seen in the seven days before the range: costs a second look at the raw events.
SELECT if(destination_ip = toIPv6('::'), '', replaceOne(toString(destination_ip), '::ffff:', '')) AS destination, min(timestamp) AS first, count() AS events, groupUniqArray(5)(source_address) AS by, sum(source_bytes) AS bytes_out
FROM events
WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND network_direction = 'outbound' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant) AND $__conditionalAll(source_zone IN (${zone:singlequote}), $zone)
  AND destination_ip NOT IN
  (
      SELECT destination_ip FROM events
      WHERE timestamp >= $__fromTime - INTERVAL 7 DAY AND timestamp < greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND network_direction = 'outbound' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
  )
GROUP BY destination_ip ORDER BY first DESC LIMIT 50
