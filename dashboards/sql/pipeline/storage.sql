SELECT table, sum(rows) AS stored_rows, sum(bytes_on_disk) AS disk, sum(data_uncompressed_bytes) AS raw_bytes, min(min_time) AS first
FROM system.parts WHERE active AND database = currentDatabase()
GROUP BY table ORDER BY disk DESC LIMIT 50
