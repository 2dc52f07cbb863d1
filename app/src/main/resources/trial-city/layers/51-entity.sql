-- table: base_legal_entity.entity
-- title: 法人库
-- title-en: Legal entities
-- department: market
-- about: 一个统一社会信用代码一行
-- key: uscc
-- origins: base_legal_entity.entity_origins
-- column uscc: 统一社会信用代码
-- column name: 名称
-- column kind: 类别
-- column legal_person: 负责人
-- column district_code: 登记区县代码
-- column established_on: 成立日期
-- column status: 状态
-- column phone: 联系电话
SELECT
  uscc,
  max(value) FILTER (WHERE field = 'name') AS name,
  max(value) FILTER (WHERE field = 'kind') AS kind,
  max(value) FILTER (WHERE field = 'legal_person') AS legal_person,
  max(value) FILTER (WHERE field = 'district_code') AS district_code,
  TRY_CAST(max(value) FILTER (WHERE field = 'established_on') AS DATE) AS established_on,
  max(value) FILTER (WHERE field = 'status') AS status,
  max(value) FILTER (WHERE field = 'phone') AS phone
FROM base_legal_entity.entity_origins
WHERE chosen
GROUP BY uscc
