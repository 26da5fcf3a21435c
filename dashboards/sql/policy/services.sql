SELECT if(url_domain = '', network_application, url_domain) AS service, count() AS events, uniqExact(source_ip) AS clients, sum(source_bytes) AS bytes_out, max(timestamp) AS last
FROM events
WHERE timestamp >= greatest($__fromTime, $__toTime - INTERVAL 7 DAY) AND timestamp <= $__toTime AND network_direction = 'outbound' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
  AND match(concat(url_domain, ' ', network_application), '(?i)dropbox|drive\\.google|googledrive|onedrive\\.live|box\\.(com|net)|mega\\.(nz|co)|wetransfer|gigafile|firestorage|teamviewer|anydesk|splashtop|chrome ?remote|ngrok')
GROUP BY service ORDER BY events DESC LIMIT 50
