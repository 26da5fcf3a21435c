-- Every clause that yagura watches, also those without an alert: an auditor looks for the gaps.
SELECT c.clause AS clause, c.title AS title, ifNull(a.alerts, 0) AS alerts, a.rules AS rules, a.last AS last, ifNull(i.open, 0) AS open
FROM
(
    SELECT pair.1 AS clause, pair.2 AS title
    FROM (SELECT arrayJoin([
        ('3-1', '不正アクセス・ウイルス・サービス不能・情報漏えい・内部不正'),
        ('3-2', '無断持出し・無許可ソフトウェア・設定不備・監査機能の不備・委託・故障'),
        ('3-3', '災害'), ('3-5', '電力・通信・水道の途絶の影響'),
        ('6-2', '情報資産の分類と管理'), ('6-3-1', 'マイナンバー事務系の分離'), ('6-3-2', 'インターネット接続系の監視強化'),
        ('6-4', '物理的対策'), ('6-5', '人的対策'), ('6-6', '技術的対策'), ('6-7', '運用と緊急時対応'), ('6-8', '業務委託・外部サービス・SNS')
    ]) AS pair)
) AS c
LEFT JOIN
(
    SELECT arrayJoin(rule_policy) AS clause, toNullable(count()) AS alerts, uniqExact(rule_id) AS rules, toNullable(max(timestamp)) AS last
    FROM alerts WHERE $__timeFilter(timestamp) AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
    GROUP BY clause
) AS a ON a.clause = c.clause
LEFT JOIN
(
    SELECT arrayJoin(rule_policy) AS clause, toNullable(count()) AS open
    FROM incidents WHERE status = 'open' AND $__conditionalAll(tenant IN (${tenant:singlequote}), $tenant)
    GROUP BY clause
) AS i ON i.clause = c.clause
ORDER BY clause LIMIT 100
