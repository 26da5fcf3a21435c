SELECT now() AS time, dateDiff('second', max(created), now64(9, 'UTC')) AS silent FROM blocks WHERE created > now() - INTERVAL 1 DAY
