-- table: codes.marital_status
-- title: 婚姻状况代码（GB/T 2261.2）
-- title-en: Marital status (GB/T 2261.2)
-- department: civil_affairs
-- key: code
-- column code: 代码
-- column name: 名称
code,name,name_en,parent
10,未婚,single,
20,已婚,married,
21,初婚,first marriage,20
22,再婚,remarried,20
23,复婚,remarried to the same person,20
30,丧偶,widowed,
40,离婚,divorced,
90,未说明的婚姻状况,not stated,
