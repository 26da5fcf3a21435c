SELECT
    listener,
    peer,
    last_seen,
    silent_seconds,
    parser,
    rate
FROM sources
WHERE last_seen >= now('UTC') - INTERVAL 30 DAY
ORDER BY silent_seconds, listener, peer
