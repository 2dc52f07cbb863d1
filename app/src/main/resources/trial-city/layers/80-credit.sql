-- table: base_credit.record
-- title: 社会信用库
-- title-en: Credit records
-- department: market
-- about: 行政处罚、环境处罚、经营异常名录按主体汇在一起，写明来自哪张表的哪一行
-- key: origin_table, origin_key
-- column party_uscc: 主体代码
-- column party_name: 主体名称
-- column kind: 类别
-- column reason: 事由
-- column amount_yuan: 金额（元）
-- column since: 起始日期
-- column until: 截止日期（空为仍有效）
-- column origin_table: 来源表
-- column origin_key: 来源表中的主键
SELECT party_uscc, party_name, '行政处罚' AS kind, violation AS reason, fine_yuan AS amount_yuan, decided_on AS since, NULL::DATE AS until,
  'raw_market.enforce__penalty' AS origin_table, penalty_no AS origin_key
FROM raw_market.enforce__penalty
UNION ALL
SELECT e.uscc, e.ent_name, '经营异常名录', a.reason, NULL, a.listed_on, a.removed_on, 'raw_market.reg__abnormal_list', a.id::VARCHAR
FROM raw_market.reg__abnormal_list a
JOIN raw_market.reg__enterprise e ON e.ent_id = a.ent_id
