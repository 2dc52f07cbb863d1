-- table: base_licence.licence
-- title: 电子证照库
-- title-en: Licences
-- department: market
-- about: 许可证照和药品经营许可证合为一张，状态换成统一代码
-- key: origin_table, origin_key
-- column licence_no: 证照号
-- column licence_type: 证照类型
-- column holder_uscc: 持证主体代码
-- column holder_name: 持证主体名称
-- column issued_on: 发证日期
-- column valid_to: 有效期止
-- column status: 证照状态代码
-- column status_said: 部门登记的状态
-- column origin_table: 来源表
-- column origin_key: 来源表中的主键
-- test: 状态换成统一代码
-- given raw_market.permit__licence: [{"licence_id": 1, "elicence_no": "E", "status": "有效"}]
-- given raw_market.permit__pharmacy_licence: [{"licence_no": "P", "status": "吊销"}]
-- given codes.market_status__licence_status: [{"from_name": "有效", "to_code": "valid"}, {"from_name": "吊销", "to_code": "revoked"}]
-- expect: [{"licence_no": "E", "status": "valid", "status_said": "有效"}, {"licence_no": "P", "status": "revoked", "status_said": "吊销"}]
WITH known AS (
  SELECT elicence_no AS licence_no, licence_type, holder_uscc, holder_name, issued_on, valid_to, status,
    'raw_market.permit__licence' AS origin_table, licence_id::VARCHAR AS origin_key
  FROM raw_market.permit__licence
  UNION ALL
  SELECT licence_no, '药品经营许可证', holder_uscc, pharmacy_name, issued_on, valid_to, status,
    'raw_market.permit__pharmacy_licence', licence_no
  FROM raw_market.permit__pharmacy_licence
)
SELECT k.licence_no, k.licence_type, k.holder_uscc, k.holder_name, k.issued_on, k.valid_to,
  m.to_code AS status, k.status AS status_said, k.origin_table, k.origin_key
FROM known k
LEFT JOIN codes.market_status__licence_status m ON m.from_name = k.status
