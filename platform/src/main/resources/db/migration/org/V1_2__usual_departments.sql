-- The departments nearly every city begins with; a city renames them and adds its own.
insert into org_departments (id, name, name_en, ordinal) values
    ('police',            '公安局',         'Public Security Bureau', 1),
    ('civil_affairs',     '民政局',         'Civil Affairs Bureau', 2),
    ('market',            '市场监管局',     'Market Supervision Bureau', 3),
    ('social_security',   '人社局',         'Human Resources and Social Security Bureau', 4),
    ('health',            '卫健委',         'Health Commission', 5),
    ('medical_insurance', '医保局',         'Medical Insurance Bureau', 6),
    ('environment',       '生态环境局',     'Ecology and Environment Bureau', 7),
    ('culture',           '文旅局',         'Culture and Tourism Bureau', 8),
    ('housing',           '住建局',         'Housing and Construction Bureau', 9),
    ('hotline',           '12345热线中心',  '12345 Hotline Centre', 10),
    ('education',         '教育局',         'Education Bureau', 11),
    ('transport',         '交通局',         'Transport Bureau', 12);
