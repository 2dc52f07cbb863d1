-- table: codes.sex
-- title: 人的性别代码（GB/T 2261.1）
-- title-en: Sex (GB/T 2261.1)
-- department: police
-- key: code
-- column code: 代码
-- column name: 名称
code,name,name_en
0,未知的性别,unknown
1,男性,male
2,女性,female
9,未说明的性别,not stated
