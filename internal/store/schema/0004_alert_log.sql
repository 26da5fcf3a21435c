-- Alerts as they were raised; read the view alerts. A replay writes equal rows,
-- which merge to one.
CREATE TABLE IF NOT EXISTS alert_log
(
    tenant         LowCardinality(String),
    alert_id       String,
    timestamp      DateTime64(6, 'UTC'),
    alert_start    DateTime64(6, 'UTC'),
    rule_id        LowCardinality(String),
    rule_name      LowCardinality(String),
    rule_name_ja   LowCardinality(String),
    rule_level     LowCardinality(String), -- informational low medium high critical
    level_code     UInt8,                  -- 0 … 4
    rule_category  LowCardinality(String), -- unauthorized_access abnormal_outbound policy_violation
    rule_author    LowCardinality(String),
    rule_policy    Array(LowCardinality(String)),
    rule_tags      Array(LowCardinality(String)),
    alert_reason   String,
    alert_reason_ja String,
    alert_group    String,                 -- source.ip=192.0.2.1,user.name=root
    group_names    Array(LowCardinality(String)),
    group_values   Array(String),
    alert_count    UInt64,
    source_ip      String,                 -- entities: from the group, else the first event that names one
    destination_ip String,
    user_name      String,
    host_name      String,
    event_ids      Array(String),
    body           String CODEC(ZSTD(3)),  -- the whole alert, JSON
    INDEX ix_alert_id alert_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(timestamp)
ORDER BY (tenant, timestamp, alert_id)
SETTINGS non_replicated_deduplication_window = 1000, default_compression_codec = 'ZSTD(1)'
