-- table: ind_market.entities_by_district
-- title: 各区县在册市场主体数
-- title-en: Entities on the register by district
-- department: market
-- key: district_code
-- column district_code: 区县代码
-- column entities: 在册主体数（个）
-- column with_penalty: 其中受过处罚的（个）
-- test: 注销的不算，受处罚的只算一次
-- given base_legal_entity.entity: [{"uscc": "A", "district_code": "330102", "status": "存续"}, {"uscc": "B", "district_code": "330102", "status": "注销"}]
-- given base_credit.record: [{"party_uscc": "A", "kind": "行政处罚"}, {"party_uscc": "A", "kind": "行政处罚"}]
-- expect: [{"district_code": "330102", "entities": 1, "with_penalty": 1}]
SELECT
  e.district_code,
  count(DISTINCT e.uscc) AS entities,
  count(DISTINCT e.uscc) FILTER (WHERE c.kind = '行政处罚') AS with_penalty
FROM base_legal_entity.entity e
LEFT JOIN base_credit.record c ON c.party_uscc = e.uscc
WHERE e.district_code IS NOT NULL AND e.status <> '注销'
GROUP BY e.district_code
