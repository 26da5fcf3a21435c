SELECT if(e.site = '', '(未設定)', e.site) AS site, sum(e.events) AS events, sum(e.matched) AS matched
FROM event_minutes AS e WHERE $__timeFilter(minute) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
GROUP BY site ORDER BY matched DESC, events DESC LIMIT 50
