SELECT DISTINCT zone AS value, transform(zone, ['internet', 'mynumber', 'lgwan', 'outside', 'inside'], ['インターネット接続系', 'マイナンバー事務系', 'LGWAN 接続系', '外部', '内部'], zone) AS text
FROM event_minutes ARRAY JOIN [source_zone, destination_zone] AS zone
WHERE $__timeFilter(minute) AND zone NOT IN ('', 'outside')
ORDER BY value LIMIT 1000
