-- table: std_legal_entity.registered
-- title: 登记的市场主体和社会组织（标准）
-- title-en: Registered entities, standardised
-- department: market
-- about: 企业、个体工商户、社会组织合为一张，括号统一为全角
-- key: uscc
-- column uscc: 统一社会信用代码
-- column name: 名称
-- column kind: 类别
-- column legal_person: 负责人
-- column district_code: 登记区县代码
-- column established_on: 成立日期
-- column status: 状态
-- column origin_table: 来源表
-- test: 括号统一
-- given raw_market.reg__enterprise: [{"uscc": "91330100MA00000001", "ent_name": "甲(杭州)公司", "status": "存续"}]
-- given raw_market.reg__individual_business: []
-- given raw_civil_affairs.public__social_organisation: [{"uscc": "51330100MJ00000002", "org_name": "乙协会", "status": "正常"}]
-- expect: [{"uscc": "91330100MA00000001", "name": "甲（杭州）公司", "kind": "企业"}, {"uscc": "51330100MJ00000002", "name": "乙协会", "kind": "社会组织"}]
WITH known AS (
  SELECT e.uscc, e.ent_name AS name, '企业' AS kind, e.legal_person, e.district_code, e.established_on, e.status::VARCHAR AS status,
    'raw_market.reg__enterprise' AS origin_table, e.ent_id::VARCHAR AS origin_key, 1 AS precedence
  FROM raw_market.reg__enterprise e
  UNION ALL
  SELECT b.uscc, b.shop_name, '个体工商户', b.operator_name, b.district_code, b.established_on, b.status,
    'raw_market.reg__individual_business', b.uscc, 2
  FROM raw_market.reg__individual_business b
  UNION ALL
  SELECT o.uscc, o.org_name, '社会组织', o.legal_person, NULL, o.registered_on, o.status,
    'raw_civil_affairs.public__social_organisation', o.uscc, 3
  FROM raw_civil_affairs.public__social_organisation o
)
SELECT uscc, replace(replace(name, '(', '（'), ')', '）') AS name, kind, legal_person, district_code, established_on, status,
  origin_table, origin_key
FROM known
WHERE uscc IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY uscc ORDER BY precedence, origin_key) = 1
