SELECT sum(pending), sumIf(refused, minute > now() - INTERVAL 1 HOUR), (SELECT max(last_seen) FROM sources) FROM books
