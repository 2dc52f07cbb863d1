-- table: std_person.medically_insured
-- title: 医保人员（标准）
-- title-en: Persons in medical insurance, standardised
-- department: medical_insurance
-- key: psn_no
-- column psn_no: 人员编号
-- column id_number: 公民身份号码
-- column name: 姓名
-- column sex: 性别代码（GB/T 2261.1）
-- column birth_date: 出生日期
SELECT
  p.psn_no,
  upper(translate(trim(p.certno), '０１２３４５６７８９Ｘｘ　', '0123456789XX ')) AS id_number,
  regexp_replace(regexp_replace(p.psn_name, '[\s　]', '', 'g'), '[•‧・．.]', '·', 'g') AS name,
  s.code AS sex,
  p.brdy AS birth_date
FROM raw_medical_insurance.public__psn_info_b p
LEFT JOIN codes.sex s ON s.code = p.gend
