SELECT peer, listener, max(b.parser) AS parser, sum(b.stored) AS stored, sum(b.unparsed) / greatest(sum(b.stored), 1) AS unparsed_share, sum(b.partial) / greatest(sum(b.stored), 1) AS partial_share, sum(b.unparsed) AS unparsed, sum(b.partial) AS partial
FROM book_minutes AS b WHERE $__timeFilter(minute) AND peer != '' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY peer, listener ORDER BY unparsed_share DESC, stored DESC LIMIT 100
