-- The words of every line: finds any part of a word, quickly. Text that is not a
-- part of raw (decoded Japanese) is also cut at single characters.
ALTER TABLE events
    DROP INDEX IF EXISTS ix_raw_bloom,
    DROP INDEX IF EXISTS ix_message_bloom,
    ADD INDEX IF NOT EXISTS ix_raw_text lower(raw) TYPE text(tokenizer = splitByNonAlpha),
    ADD INDEX IF NOT EXISTS ix_message_text lower(message_text) TYPE text(tokenizer = asciiCJK)
