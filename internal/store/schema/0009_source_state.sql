-- One row a source: kept for ever, so that a source that fell silent stays listed.
CREATE TABLE IF NOT EXISTS source_state
(
    tenant         LowCardinality(String),
    listener       LowCardinality(String),
    peer           LowCardinality(String),
    events         SimpleAggregateFunction(sum, UInt64),
    refused        SimpleAggregateFunction(sum, UInt64),
    unparsed       SimpleAggregateFunction(sum, UInt64),
    first_seen     SimpleAggregateFunction(min, Nullable(DateTime64(9, 'UTC'))),
    last_seen      SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    last_timestamp SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
    parser         AggregateFunction(argMax, String, DateTime64(9, 'UTC')),
    clock_offset   AggregateFunction(argMax, Float64, DateTime64(9, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (tenant, listener, peer)
SETTINGS non_replicated_deduplication_window = 1000, default_compression_codec = 'ZSTD(1)'
