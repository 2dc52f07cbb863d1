-- table: std_person.insured
-- title: 参保人员（标准）
-- title-en: Persons in social insurance, standardised
-- department: social_security
-- key: person_no
-- column person_no: 个人编号
-- column id_number: 公民身份号码
-- column name: 姓名
-- column mobile: 手机号
-- column joined_on: 参保日期
SELECT
  p.person_no,
  upper(translate(trim(p.id_no), '０１２３４５６７８９Ｘｘ　', '0123456789XX ')) AS id_number,
  regexp_replace(regexp_replace(p.name, '[\s　]', '', 'g'), '[•‧・．.]', '·', 'g') AS name,
  p.mobile,
  p.joined_on
FROM raw_social_security.public__insured_person p
