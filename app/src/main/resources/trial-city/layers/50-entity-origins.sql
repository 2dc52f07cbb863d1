-- table: base_legal_entity.entity_origins
-- title: 法人库取值来源
-- title-en: Where each value of the legal entity library comes from
-- department: market
-- about: 名称、负责人、状态以登记机关为准，电话以人社参保登记为准
-- key: uscc, field, origin_table, origin_key
-- column uscc: 统一社会信用代码
-- column field: 数据项
-- column value: 登记的值
-- column origin_table: 来源表
-- column origin_key: 来源表中的主键
-- column precedence: 优先次序，1 最先
-- column chosen: 是否采用
-- test: 名称以登记机关为准
-- given std_legal_entity.registered: [{"uscc": "91330100MA00000001", "name": "甲公司", "origin_table": "raw_market.reg__enterprise", "origin_key": "1"}]
-- given std_legal_entity.employer: [{"employer_id": 5, "uscc": "91330100MA00000001", "name": "甲", "phone": "0571-1"}]
-- expect: [{"field": "name", "value": "甲公司", "chosen": true}, {"field": "name", "value": "甲", "chosen": false},
--   {"field": "phone", "value": "0571-1", "chosen": true}]
WITH said AS (
  SELECT uscc, 'name' AS field, name AS value, origin_table, origin_key, 1 AS precedence FROM std_legal_entity.registered
  UNION ALL SELECT uscc, 'kind', kind, origin_table, origin_key, 1 FROM std_legal_entity.registered
  UNION ALL SELECT uscc, 'legal_person', legal_person, origin_table, origin_key, 1 FROM std_legal_entity.registered
  UNION ALL SELECT uscc, 'district_code', district_code, origin_table, origin_key, 1 FROM std_legal_entity.registered
  UNION ALL SELECT uscc, 'established_on', established_on::VARCHAR, origin_table, origin_key, 1 FROM std_legal_entity.registered
  UNION ALL SELECT uscc, 'status', status, origin_table, origin_key, 1 FROM std_legal_entity.registered
  UNION ALL SELECT uscc, 'name', name, 'std_legal_entity.employer', employer_id::VARCHAR, 2 FROM std_legal_entity.employer
  UNION ALL SELECT uscc, 'phone', phone, 'std_legal_entity.employer', employer_id::VARCHAR, 1 FROM std_legal_entity.employer
)
SELECT uscc, field, value, origin_table, origin_key, precedence,
  row_number() OVER (PARTITION BY uscc, field ORDER BY precedence, origin_key) = 1 AS chosen
FROM said
WHERE value IS NOT NULL AND uscc IS NOT NULL
