SELECT peer, listener, last_seen FROM sources
WHERE silent_seconds > 86400 AND last_seen > toDateTime64(0, 9, 'UTC') AND peer != '' AND listener != 'import' ORDER BY last_seen DESC LIMIT 20
