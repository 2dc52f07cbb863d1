-- table: base_person.person_origins
-- title: 人口库取值来源
-- title-en: Where each value of the person library comes from
-- department: police
-- about: 每个人的每一项，各部门怎么登记的，取哪一家的；姓名、性别、出生日期先公安后医保、人社，死亡日期先民政，手机号先人社
-- key: id_number, field, origin_table, origin_key
-- column id_number: 公民身份号码
-- column field: 数据项
-- column value: 登记的值
-- column origin_table: 来源表
-- column origin_key: 来源表中的主键
-- column precedence: 优先次序，1 最先
-- column chosen: 是否采用
-- test: 优先的一家有值就用它的，没有就用下一家的
-- given std_person.police_resident: [{"resident_id": 7, "id_number": "11010519491231002X", "name": "甲", "mobile": "1"}]
-- given std_person.insured: [{"person_no": "A", "id_number": "11010519491231002X", "name": "乙", "mobile": "2"}]
-- given std_person.medically_insured: [{"psn_no": "M", "id_number": "11010519491231002X", "sex": "2"}]
-- given std_person.death: []
-- expect: [{"field": "name", "value": "甲", "origin_key": "7", "chosen": true}, {"field": "name", "value": "乙", "origin_key": "A", "chosen": false},
--   {"field": "mobile", "value": "2", "origin_key": "A", "chosen": true}, {"field": "mobile", "value": "1", "origin_key": "7", "chosen": false},
--   {"field": "sex", "value": "2", "origin_key": "M", "chosen": true}]
WITH said AS (
  SELECT id_number, 'name' AS field, name AS value, 'std_person.police_resident' AS origin_table, resident_id::VARCHAR AS origin_key, 1 AS precedence
    FROM std_person.police_resident
  UNION ALL SELECT id_number, 'name', name, 'std_person.medically_insured', psn_no, 2 FROM std_person.medically_insured
  UNION ALL SELECT id_number, 'name', name, 'std_person.insured', person_no, 3 FROM std_person.insured
  UNION ALL SELECT id_number, 'name', name, 'std_person.death', cremation_no, 4 FROM std_person.death
  UNION ALL SELECT id_number, 'sex', sex, 'std_person.police_resident', resident_id::VARCHAR, 1 FROM std_person.police_resident
  UNION ALL SELECT id_number, 'sex', sex, 'std_person.medically_insured', psn_no, 2 FROM std_person.medically_insured
  UNION ALL SELECT id_number, 'birth_date', birth_date::VARCHAR, 'std_person.police_resident', resident_id::VARCHAR, 1 FROM std_person.police_resident
  UNION ALL SELECT id_number, 'birth_date', birth_date::VARCHAR, 'std_person.medically_insured', psn_no, 2 FROM std_person.medically_insured
  UNION ALL SELECT id_number, 'marital_status', marital_status, 'std_person.police_resident', resident_id::VARCHAR, 1 FROM std_person.police_resident
  UNION ALL SELECT id_number, 'mobile', mobile, 'std_person.insured', person_no, 1 FROM std_person.insured
  UNION ALL SELECT id_number, 'mobile', mobile, 'std_person.police_resident', resident_id::VARCHAR, 2 FROM std_person.police_resident
  UNION ALL SELECT id_number, 'death_date', death_date::VARCHAR, 'std_person.death', cremation_no, 1 FROM std_person.death
  UNION ALL SELECT id_number, 'death_date', death_date::VARCHAR, 'std_person.police_resident', resident_id::VARCHAR, 2 FROM std_person.police_resident
)
SELECT id_number, field, value, origin_table, origin_key, precedence,
  row_number() OVER (PARTITION BY id_number, field ORDER BY precedence, origin_key) = 1 AS chosen
FROM (SELECT DISTINCT * FROM said)
WHERE value IS NOT NULL AND length(id_number) = 18
