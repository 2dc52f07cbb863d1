-- table: ind_heritage.sites_by_district
-- title: 各区县文物保护单位数
-- title-en: Protected sites by district
-- department: heritage
-- key: code
-- column code: 区划代码
-- column name: 区划名称
-- column sites: 文物保护单位（处）
-- test: 没有文物的区县也在
-- given std_place.division: [{"code": "410311", "name": "甲区"}, {"code": "410305", "name": "乙区"}]
-- given raw_heritage_sites.文物保护单位: [{"文保编号": "1", "区县代码": "410311"}, {"文保编号": "2", "区县代码": "410311"}]
-- expect: [{"code": "410311", "sites": 2}, {"code": "410305", "sites": 0}]
SELECT d.code, d.name, count(s.文保编号) AS sites
FROM std_place.division d
LEFT JOIN raw_heritage_sites.文物保护单位 s ON s.区县代码::VARCHAR = d.code
GROUP BY d.code, d.name
