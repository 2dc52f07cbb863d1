-- table: std_person.police_resident
-- title: 常住人口（标准）
-- title-en: Residents known to the police, standardised
-- department: police
-- about: 身份证号去空格、全角转半角、末位大写；姓名间隔点统一，去空白
-- key: resident_id
-- column id_number: 公民身份号码
-- column name: 姓名
-- column sex: 性别代码（GB/T 2261.1）
-- column birth_date: 出生日期
-- column marital_status: 婚姻状况代码（GB/T 2261.2）
-- column mobile: 联系电话
-- column alive: 是否在世
-- column death_date: 死亡注销日期
-- test: 号码和姓名写法统一
-- given raw_police.public__resident: [{"resident_id": 1, "id_number": " 11010519491231002x", "name": "买买提•依明", "sex": "1", "status": "正常"},
--   {"resident_id": 2, "id_number": "３３０１０６１９９００１０１００１６", "name": "王　芳", "sex": "7", "status": "死亡注销", "death_date": "2025-03-01"}]
-- given codes.sex: [{"code": "1"}]
-- given codes.marital_status: []
-- expect: [{"resident_id": 1, "id_number": "11010519491231002X", "name": "买买提·依明", "sex": "1", "alive": true},
--   {"resident_id": 2, "id_number": "330106199001010016", "name": "王芳", "alive": false}]
SELECT
  r.resident_id,
  upper(translate(trim(r.id_number), '０１２３４５６７８９Ｘｘ　', '0123456789XX ')) AS id_number,
  regexp_replace(regexp_replace(r.name, '[\s　]', '', 'g'), '[•‧・．.]', '·', 'g') AS name,
  s.code AS sex,
  r.birth_date,
  m.code AS marital_status,
  r.mobile,
  r.status <> '死亡注销' AS alive,
  r.death_date
FROM raw_police.public__resident r
LEFT JOIN codes.sex s ON s.code = r.sex
LEFT JOIN codes.marital_status m ON m.code = r.marital_status
