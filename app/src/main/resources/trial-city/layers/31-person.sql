-- table: base_person.person
-- title: 人口库
-- title-en: Persons
-- department: police
-- about: 一人一行，每一项取自人口库取值来源中采用的那一家
-- key: id_number
-- origins: base_person.person_origins
-- column id_number: 公民身份号码
-- column name: 姓名
-- column sex: 性别代码（GB/T 2261.1）
-- column birth_date: 出生日期
-- column marital_status: 婚姻状况代码（GB/T 2261.2）
-- column mobile: 手机号
-- column death_date: 死亡日期
-- test: 一人一行，只取采用的值
-- given base_person.person_origins: [{"id_number": "11010519491231002X", "field": "name", "value": "甲", "chosen": true},
--   {"id_number": "11010519491231002X", "field": "name", "value": "乙", "chosen": false},
--   {"id_number": "11010519491231002X", "field": "birth_date", "value": "1949-12-31", "chosen": true}]
-- expect: [{"id_number": "11010519491231002X", "name": "甲", "birth_date": "1949-12-31", "mobile": null}]
SELECT
  id_number,
  max(value) FILTER (WHERE field = 'name') AS name,
  max(value) FILTER (WHERE field = 'sex') AS sex,
  TRY_CAST(max(value) FILTER (WHERE field = 'birth_date') AS DATE) AS birth_date,
  max(value) FILTER (WHERE field = 'marital_status') AS marital_status,
  max(value) FILTER (WHERE field = 'mobile') AS mobile,
  TRY_CAST(max(value) FILTER (WHERE field = 'death_date') AS DATE) AS death_date
FROM base_person.person_origins
WHERE chosen
GROUP BY id_number
