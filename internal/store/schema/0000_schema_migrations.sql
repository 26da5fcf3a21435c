-- Which statements were run; this one always is.
CREATE TABLE IF NOT EXISTS schema_migrations
(
    number  UInt32,
    name    String,
    applied DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY number
