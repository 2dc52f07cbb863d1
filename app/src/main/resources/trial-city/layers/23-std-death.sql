-- table: std_person.death
-- title: 死亡登记（标准）
-- title-en: Deaths, standardised
-- department: civil_affairs
-- key: cremation_no
-- column cremation_no: 火化证编号
-- column id_number: 公民身份号码
-- column name: 姓名
-- column death_date: 死亡日期
SELECT
  d.cremation_no,
  upper(translate(trim(d.id_no), '０１２３４５６７８９Ｘｘ　', '0123456789XX ')) AS id_number,
  regexp_replace(regexp_replace(d.name, '[\s　]', '', 'g'), '[•‧・．.]', '·', 'g') AS name,
  d.death_date
FROM raw_civil_affairs.public__death_registration d
