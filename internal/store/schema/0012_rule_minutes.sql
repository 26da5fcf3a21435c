-- Events that matched a rule, by minute of the device's time.
CREATE TABLE IF NOT EXISTS rule_minutes
(
    day       Date,
    tenant    LowCardinality(String),
    minute    DateTime('UTC'),
    rule      LowCardinality(String), -- id of yagura's rule
    host_name LowCardinality(String),
    events    UInt64
)
ENGINE = SummingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, minute, rule, host_name, day)
SETTINGS non_replicated_deduplication_window = 1000, default_compression_codec = 'ZSTD(1)'
