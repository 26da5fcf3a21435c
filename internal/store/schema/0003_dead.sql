-- Events that the store refused, raw, with the reason.
CREATE TABLE IF NOT EXISTS dead
(
    stream     LowCardinality(String),
    bus_seq    UInt64,
    tenant     LowCardinality(String),
    listener   LowCardinality(String),
    peer       LowCardinality(String),
    node       LowCardinality(String),
    epoch      UInt64,
    block_seq  UInt64,
    idx        UInt16,
    block_time DateTime('UTC'),
    ingested   DateTime64(9, 'UTC'),
    raw        String CODEC(ZSTD(3)),
    code       Int32,
    reason     String,
    event_id   String ALIAS concat(tenant, '/', node, '/', if(epoch = 0, '0', trim(LEADING '0' FROM lower(hex(epoch)))), '/', toString(block_seq), '/', toString(idx))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(block_time)
ORDER BY (tenant, node, epoch, block_seq, idx)
SETTINGS non_replicated_deduplication_window = 1000, default_compression_codec = 'ZSTD(1)'
