-- Every version of every incident; read the view incidents (the newest of each).
CREATE TABLE IF NOT EXISTS incident_log
(
    tenant           LowCardinality(String),
    incident_id      String,
    version          UInt64,
    status           LowCardinality(String), -- open acknowledged closed
    opened           DateTime64(6, 'UTC'),
    updated          DateTime64(6, 'UTC'),
    rule_id          LowCardinality(String),
    rule_name        LowCardinality(String),
    rule_name_ja     LowCardinality(String),
    rule_level       LowCardinality(String),
    level_code       UInt8,
    rule_category    LowCardinality(String),
    rule_policy      Array(LowCardinality(String)),
    alert_group      String,
    group_names      Array(LowCardinality(String)),
    group_values     Array(String),
    alerts           UInt64,
    events           UInt64,
    assignee         LowCardinality(String),
    alert_reason     String,
    alert_reason_ja  String,
    mail             LowCardinality(String), -- due sending sent failed suppressed
    notes            UInt32,
    first_alert_id   String,
    body             String CODEC(ZSTD(3))   -- the whole incident, JSON
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, incident_id)
SETTINGS non_replicated_deduplication_window = 1000, default_compression_codec = 'ZSTD(1)'
