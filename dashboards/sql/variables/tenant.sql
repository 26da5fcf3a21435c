SELECT DISTINCT tenant FROM event_minutes WHERE $__timeFilter(minute) ORDER BY tenant LIMIT 1000
