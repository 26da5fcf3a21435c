-- Bloom filters over the words of each granule: small, for rare words.
ALTER TABLE events
    DROP INDEX IF EXISTS ix_raw_text,
    DROP INDEX IF EXISTS ix_message_text,
    ADD INDEX IF NOT EXISTS ix_raw_bloom lower(raw) TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS ix_message_bloom lower(message_text) TYPE tokenbf_v1(8192, 3, 0) GRANULARITY 1
