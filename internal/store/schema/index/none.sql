-- No index on the text: quickest to write, searched by reading.
ALTER TABLE events
    DROP INDEX IF EXISTS ix_raw_text,
    DROP INDEX IF EXISTS ix_message_text,
    DROP INDEX IF EXISTS ix_raw_bloom,
    DROP INDEX IF EXISTS ix_message_bloom
