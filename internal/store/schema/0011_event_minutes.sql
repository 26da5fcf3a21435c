-- Counts by minute of the device's time, for charts longer than a day. day is the
-- day of storing: a device with a wrong clock must not spread one insert over
-- many partitions. Always sum again when reading.
CREATE TABLE IF NOT EXISTS event_minutes
(
    day               Date,
    tenant            LowCardinality(String),
    minute            DateTime('UTC'),
    host_name         LowCardinality(String),
    observer_product  LowCardinality(String),
    category          LowCardinality(String), -- the first of event_category
    event_action      LowCardinality(String),
    event_outcome     LowCardinality(String),
    network_direction LowCardinality(String),
    source_zone       LowCardinality(String),
    destination_zone  LowCardinality(String),
    site              LowCardinality(String),
    events            UInt64,
    matched           UInt64, -- events that matched at least one rule
    source_bytes      UInt64,
    destination_bytes UInt64,
    network_bytes     UInt64
)
ENGINE = SummingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, minute, host_name, observer_product, category, event_action, event_outcome, network_direction, source_zone, destination_zone, site, day)
SETTINGS non_replicated_deduplication_window = 1000, default_compression_codec = 'ZSTD(1)'
