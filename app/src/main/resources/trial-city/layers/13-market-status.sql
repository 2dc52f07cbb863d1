-- table: codes.market_status__licence_status
-- title: 市场监管证照状态 → 证照状态代码
-- title-en: The market bureau's words for a licence's status
-- department: market
-- key: from_name
-- column from_name: 部门用语
-- column to_code: 证照状态代码
from_name,to_code
有效,valid
存续,valid
在营,valid
过期,expired
已过期,expired
吊销,revoked
已吊销,revoked
注销,cancelled
已注销,cancelled
