-- received = accepted + refused; accepted = stored + dead + pending. What is on
-- the bus only is not known here: pending counts what a block row promises and
-- events and dead do not hold (0 unless something is wrong).
CREATE VIEW IF NOT EXISTS books AS
SELECT
    tenant,
    minute,
    listener,
    peer,
    sum(b.received) AS received,
    sum(b.accepted) AS accepted,
    sum(b.kernel_full + b.share + b.frame + b.denied + b.bus_full + b.shutdown + b.crash) AS refused,
    sum(b.stored) AS stored,
    sum(b.dead) AS dead,
    toInt64(sum(b.accepted)) - toInt64(sum(b.stored)) - toInt64(sum(b.dead)) AS pending,
    sum(b.kernel_full) AS kernel_full,
    sum(b.share) AS share,
    sum(b.frame) AS frame,
    sum(b.denied) AS denied,
    sum(b.bus_full) AS bus_full,
    sum(b.shutdown) AS shutdown,
    sum(b.crash) AS crash,
    sum(b.unparsed) AS unparsed,
    sum(b.partial) AS partial,
    sum(b.clock_wrong) AS clock_wrong,
    sum(b.raw_bytes) AS raw_bytes
FROM book_minutes AS b
GROUP BY tenant, minute, listener, peer
