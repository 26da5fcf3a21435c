SELECT
    b.listener AS listener,
    b.peer AS peer,
    sum(b.received) AS received_lines,
    sum(b.accepted) AS accepted_lines,
    sum(b.refused) AS refused_lines,
    sum(b.stored) AS stored_lines,
    sum(b.dead) AS dead_lines,
    sum(b.pending) AS pending_lines
FROM books AS b
WHERE b.minute >= toStartOfMinute(now('UTC')) - INTERVAL 1 HOUR
GROUP BY listener, peer
ORDER BY refused_lines + dead_lines DESC, received_lines DESC, listener, peer
