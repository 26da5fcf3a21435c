-- Lines of one source that no parser understood: one of each shape, the commonest
-- first.
SELECT
    count() AS lines,
    max(ingested) AS last_seen,
    argMax(if(isValidUTF8(raw), raw, message), ingested) AS example
FROM events
WHERE block_time >= fromUnixTimestamp(SINCE) AND bitTest(flags, 0) AND peer = 'PEER'
GROUP BY replaceRegexpAll(replaceRegexpAll(message, '"[^"]*"', '""'), '[0-9a-fA-F:.]*[0-9][0-9a-fA-F:.]*', '0') AS shape
ORDER BY lines DESC, example
LIMIT 50
