SELECT groupArray(name)
FROM system.data_skipping_indices
WHERE database = currentDatabase() AND table = 'events'
