-- table: base_place.address
-- title: 自然资源和空间地理库：标准地址
-- title-en: Places: standard addresses
-- department: police
-- about: 已撤销的区划换成现行代码；每行写明来自哪张表的哪一行
-- key: address_id
-- column address_id: 地址编号
-- column address_code: 标准地址编码
-- column full_address: 地址全称
-- column division_code: 现行区划代码
-- column division_name: 区划名称
-- column community_code: 社区（村）代码
-- column community_name: 社区（村）名称
-- column longitude: 经度（CGCS2000）
-- column latitude: 纬度（CGCS2000）
-- column origin_table: 来源表
-- column origin_key: 来源表中的主键
-- test: 撤销的区划换成现行的
-- given raw_police.public__standard_address: [{"address_id": 1, "full_address": "甲路1号", "qhdm": "330103", "community_code": "C"}]
-- given raw_police.public__xzqh: [{"qhdm": "330103", "qhmc": "旧区", "yxbz": false, "hjdm": "{330105}"}, {"qhdm": "330105", "qhmc": "新区", "yxbz": true}]
-- given raw_civil_affairs.public__community: [{"community_code": "C", "community_name": "丙社区"}]
-- expect: [{"address_id": 1, "division_code": "330105", "division_name": "新区", "community_name": "丙社区", "origin_key": "1"}]
SELECT
  a.address_id,
  a.address_code,
  a.full_address,
  now.qhdm AS division_code,
  now.qhmc AS division_name,
  a.community_code,
  c.community_name,
  a.longitude,
  a.latitude,
  'raw_police.public__standard_address' AS origin_table,
  a.address_id::VARCHAR AS origin_key
FROM raw_police.public__standard_address a
LEFT JOIN raw_police.public__xzqh was ON was.qhdm = a.qhdm
LEFT JOIN raw_police.public__xzqh now
  ON now.qhdm = CASE WHEN was.yxbz THEN was.qhdm ELSE split_part(trim(was.hjdm::VARCHAR, '{}[]'), ',', 1) END
LEFT JOIN raw_civil_affairs.public__community c ON c.community_code = a.community_code
