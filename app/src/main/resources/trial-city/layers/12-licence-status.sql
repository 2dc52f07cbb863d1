-- table: codes.licence_status
-- title: 证照状态代码
-- title-en: Licence status
-- department: market
-- key: code
-- column code: 代码
-- column name: 名称
code,name,name_en
valid,有效,valid
expired,已过期,expired
revoked,已吊销,revoked
cancelled,已注销,cancelled
