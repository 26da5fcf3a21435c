SELECT
    peer,
    listener,
    sumIf(stored, minute >= now('UTC') - 3600) AS lines,
    sumIf(unparsed, minute >= now('UTC') - 3600) AS bad,
    sumIf(partial, minute >= now('UTC') - 3600) AS half,
    sumIf(stored, minute < now('UTC') - 3600) AS lines_before,
    sumIf(unparsed, minute < now('UTC') - 3600) AS bad_before,
    sumIf(offset_seconds, minute >= now('UTC') - 3600) / greatest(lines, 1) AS clock_offset
FROM book_minutes
WHERE minute >= now('UTC') - 8 * 86400 AND minute <= now('UTC') AND peer != '' AND listener != 'import'
GROUP BY tenant, peer, listener
HAVING lines > 0
ORDER BY lines DESC, peer, listener
LIMIT 256
