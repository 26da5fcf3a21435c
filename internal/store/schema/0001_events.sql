-- One row is one event. What a typed column cannot hold exactly (a second
-- value, a source.ip that is no address) is kept in fields under its ECS name.
-- The codec is the server's, by size of part: LZ4 for new parts, which are soon
-- merged, ZSTD(1) for large ones. A part below 64 MiB is one file, not one a column.
-- Empty: '' for text, 0 for numbers and ports, '::' for addresses, -1 for codes.
CREATE TABLE IF NOT EXISTS events
(
    -- who sent it and where it stands: the parts of its evidence leaf
    tenant                    LowCardinality(String),
    listener                  LowCardinality(String),
    peer                      LowCardinality(String),
    node                      LowCardinality(String),
    epoch                     UInt64,
    block_seq                 UInt64,
    idx                       UInt16 CODEC(Delta, Default),
    bus_seq                   UInt64,
    block_time                DateTime('UTC'),
    -- the device's time, and when the line arrived (nanoseconds: the leaf needs them)
    timestamp                 DateTime64(6, 'UTC') CODEC(Delta, Default),
    ingested                  DateTime64(9, 'UTC') CODEC(Delta, Default),
    raw                       String,
    -- the message is mostly a part of raw: then only its place is stored
    message_at                UInt32,
    message_len               UInt32,
    message_text              String,
    flags                     UInt16,
    -- what detect said
    rules                     Array(LowCardinality(String)),
    alerts                    Array(String),
    verdict_missing           Bool,
    -- ECS
    event_category            Array(LowCardinality(String)),
    event_type                Array(LowCardinality(String)),
    event_action              LowCardinality(String),
    event_outcome             LowCardinality(String),
    event_kind                LowCardinality(String),
    event_code                LowCardinality(String),
    event_provider            LowCardinality(String),
    event_dataset             LowCardinality(String),
    event_reason              LowCardinality(String),
    host_name                 LowCardinality(String),
    process_name              LowCardinality(String),
    process_command_line      String,
    user_name                 LowCardinality(String),
    user_domain               LowCardinality(String),
    user_target_name          LowCardinality(String),
    source_ip                 IPv6,
    source_port               UInt16,
    source_bytes              UInt64,
    destination_ip            IPv6,
    destination_port          UInt16,
    destination_bytes         UInt64,
    network_transport         LowCardinality(String),
    network_protocol          LowCardinality(String),
    network_application       LowCardinality(String),
    network_direction         LowCardinality(String),
    network_bytes             UInt64,
    url_domain                String,
    url_original              String,
    http_request_method       LowCardinality(String),
    http_response_status_code UInt16,
    dns_question_name         String,
    file_path                 String,
    rule_name                 LowCardinality(String),
    rule_id                   LowCardinality(String),
    observer_name             LowCardinality(String),
    observer_vendor           LowCardinality(String),
    observer_product          LowCardinality(String),
    log_level                 LowCardinality(String),
    severity_code             Int8,
    facility_code             Int8,
    -- yagura's own
    parser                    LowCardinality(String),
    anomaly                   Array(LowCardinality(String)),
    zone                      LowCardinality(String),
    source_zone               LowCardinality(String),
    destination_zone          LowCardinality(String),
    site                      LowCardinality(String),
    asset_class               LowCardinality(String),
    flow                      LowCardinality(String),
    -- everything else: name -> value; several values joined with U+001F
    fields                    Map(LowCardinality(String), String),
    -- derived, stored nowhere
    message                   String ALIAS if(message_len > 0, substring(raw, message_at + 1, message_len), message_text),
    event_id                  String ALIAS concat(tenant, '/', node, '/', if(epoch = 0, '0', trim(LEADING '0' FROM lower(hex(epoch)))), '/', toString(block_seq), '/', toString(idx)),
    source_address            String ALIAS multiIf(source_ip = toIPv6('::'), '', source_ip BETWEEN toIPv6('::ffff:0.0.0.0') AND toIPv6('::ffff:255.255.255.255'), substring(toString(source_ip), 8), toString(source_ip)),
    destination_address       String ALIAS multiIf(destination_ip = toIPv6('::'), '', destination_ip BETWEEN toIPv6('::ffff:0.0.0.0') AND toIPv6('::ffff:255.255.255.255'), substring(toString(destination_ip), 8), toString(destination_ip)),
    unparsed                  Bool ALIAS bitTest(flags, 0),
    partial                   Bool ALIAS bitTest(flags, 1),
    truncated                 Bool ALIAS bitTest(flags, 2),
    clock_wrong               Bool ALIAS bitTest(flags, 3),
    no_time                   Bool ALIAS bitTest(flags, 4),
    history                   Bool ALIAS bitTest(flags, 5),
    INDEX ix_timestamp timestamp TYPE minmax GRANULARITY 1,
    INDEX ix_bus_seq bus_seq TYPE minmax GRANULARITY 1,
    INDEX ix_source_ip source_ip TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX ix_destination_ip destination_ip TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX ix_user_name user_name TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX ix_rules rules TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX ix_alerts alerts TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(block_time)
ORDER BY (tenant, toStartOfHour(timestamp), host_name, process_name, timestamp)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864
