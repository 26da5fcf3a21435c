-- One row is one block: written after its events, so a row here says that they
-- are stored. The evidence ledger (root, chain) and the books (tally_*) travel in
-- the same row, so that they are counted exactly once.
CREATE TABLE IF NOT EXISTS blocks
(
    stream         LowCardinality(String),
    bus_seq        UInt64,
    first_seq      UInt64,                 -- bus_seq; lower where the row notes a range that the bus had lost
    tenant         LowCardinality(String),
    node           LowCardinality(String),
    epoch          UInt64,
    block_seq      UInt64,
    created        DateTime64(9, 'UTC'),
    state          LowCardinality(String), -- stored; duplicate (came before under another bus_seq); absent (lost on the bus)
    events         UInt32,                 -- events of the block; 0 for a duplicate
    dead           UInt32,                 -- of these in dead
    bytes          UInt64,                 -- before packing
    root           FixedString(32),        -- Merkle root, RFC 6962
    previous       FixedString(32),        -- link of chain_seq - 1; zeros for the first
    link           FixedString(32),        -- SHA-256(0x02, previous, root, identity)
    chain_seq      UInt64,                 -- place in the stream's chain, from 1
    tally_listener Array(LowCardinality(String)),
    tally_peer     Array(LowCardinality(String)),
    tally_received Array(UInt64),
    tally_accepted Array(UInt64),
    tally_refused  Array(Array(UInt64)),   -- reasons in the order of the books' columns
    INDEX ix_created created TYPE minmax GRANULARITY 1,
    INDEX ix_identity (node, epoch, block_seq) TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(created)
ORDER BY (stream, bus_seq, node, epoch, block_seq)
SETTINGS non_replicated_deduplication_window = 1000, default_compression_codec = 'ZSTD(1)'
