-- table: std_legal_entity.employer
-- title: 参保单位（标准）
-- title-en: Employers, standardised
-- department: social_security
-- key: employer_id
-- column employer_id: 单位编号
-- column uscc: 统一社会信用代码
-- column name: 单位名称
-- column phone: 联系电话
SELECT employer_id, uscc, replace(replace(employer_name, '(', '（'), ')', '）') AS name, contact_phone AS phone
FROM raw_social_security.public__employer
