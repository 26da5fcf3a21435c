SELECT chain_seq, link
FROM blocks
WHERE stream = {stream:String}
ORDER BY chain_seq DESC
LIMIT 1
