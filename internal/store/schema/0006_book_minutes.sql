-- The books by source and minute of the block's sealing: sums of what blocks
-- carry (received, accepted, refused), what events hold (stored) and what is dead.
-- Always GROUP BY again when reading, or read the view books.
CREATE TABLE IF NOT EXISTS book_minutes
(
    tenant         LowCardinality(String),
    minute         DateTime('UTC'),
    listener       LowCardinality(String),
    peer           LowCardinality(String),
    received       SimpleAggregateFunction(sum, UInt64),
    accepted       SimpleAggregateFunction(sum, UInt64),
    kernel_full    SimpleAggregateFunction(sum, UInt64),
    share          SimpleAggregateFunction(sum, UInt64),
    frame          SimpleAggregateFunction(sum, UInt64),
    denied         SimpleAggregateFunction(sum, UInt64),
    bus_full       SimpleAggregateFunction(sum, UInt64),
    shutdown       SimpleAggregateFunction(sum, UInt64),
    crash          SimpleAggregateFunction(sum, UInt64),
    stored         SimpleAggregateFunction(sum, UInt64),
    dead           SimpleAggregateFunction(sum, UInt64),
    raw_bytes      SimpleAggregateFunction(sum, UInt64),
    unparsed       SimpleAggregateFunction(sum, UInt64),
    partial        SimpleAggregateFunction(sum, UInt64),
    clock_wrong    SimpleAggregateFunction(sum, UInt64),
    offset_seconds SimpleAggregateFunction(sum, Float64), -- sum over stored of device time - arrival
    first_ingested SimpleAggregateFunction(min, Nullable(DateTime64(9, 'UTC'))),
    last_ingested  SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    last_timestamp SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
    parser         SimpleAggregateFunction(max, String)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (tenant, minute, listener, peer)
SETTINGS non_replicated_deduplication_window = 1000, default_compression_codec = 'ZSTD(1)'
