package org.qiantang.app.demo;

import java.util.List;
import org.qiantang.app.demo.City.Person;
import org.qiantang.app.demo.FileForm.Sheet;

/** Departments that hand over files: 文旅局, 教育局, 交通局, each with the spreadsheets and exports of its own programs. */
final class Folders {
    private static final String[] VENUES = {"图书馆", "文化馆", "博物馆", "城市书房", "文化礼堂", "美术馆", "文化驿站", "非遗工坊", "小剧场", "体育馆"};

    private Folders() {}

    // --- 文旅局

    static SourceSystem culture() {
        return SourceSystem.folder(
                "culture",
                List.of(
                        Table.file(new Sheet("文化场馆.xlsx", "场馆"), "文化场馆__场馆", "公共文化场馆", """
                        场馆编号 | integer* | 场馆编号
                        场馆名称 | text | 场馆名称
                        类型 | text | 类型
                        区县代码 | text | 区县代码 | police.xzqh.qhdm
                        社区代码 | text | 所在社区 | civil_affairs.community.community_code
                        经度 | numeric | 经度
                        纬度 | numeric | 纬度
                        建筑面积 | numeric | 建筑面积（平方米）
                        免费开放 | boolean | 免费开放
                        开馆日期 | date | 开馆日期
                        """, Folders::venues),
                        Table.file(new Sheet("文化场馆.xlsx", "开放时间"), "文化场馆__开放时间", "场馆开放时间", """
                        场馆编号 | integer* | 场馆编号 | 文化场馆__场馆.场馆编号
                        星期 | integer* | 星期几
                        开门 | text | 开门时间
                        闭馆 | text | 闭馆时间
                        备注 | text | 备注
                        """, Folders::openingHours),
                        Table.file(FileForm.gb18030("活动.csv", ','), "活动", "文化活动", """
                        活动编号 | integer* | 活动编号
                        活动名称 | text | 活动名称
                        场馆编号 | integer | 场馆编号 | 文化场馆__场馆.场馆编号
                        开始时间 | timestamp | 开始时间
                        名额 | integer | 名额
                        简介 | text | 简介
                        """, Folders::events),
                        Table.file(
                                FileForm.utf8WithMark("event_signup.csv"),
                                "event_signup",
                                "活动报名",
                                """
                        signup_id | bigint* | 报名编号
                        event_id | integer | 活动编号 | 活动.活动编号
                        name | text | 姓名
                        id_card | text | 身份证号 | police.resident.id_number
                        phone | text | 手机号 | police.resident.mobile
                        signed_at | timestamp | 报名时间
                        came | boolean | 是否到场
                        """,
                                Folders::signups),
                        Table.file(
                                FileForm.utf8("scenic_spot.csv", '|'),
                                "scenic_spot",
                                "A级旅游景区",
                                """
                        spot_code | text* | 景区编码
                        spot_name | text | 景区名称
                        grade | text | 等级
                        district_code | text | 区县代码 | police.xzqh.qhdm
                        max_visitors | integer | 最大承载量
                        """,
                                Folders::scenicSpots),
                        Table.file(
                                FileForm.utf8("scenic_daily.csv", '|'),
                                "scenic_daily",
                                "景区日客流",
                                """
                        spot_code | text* | 景区编码 | scenic_spot.spot_code
                        date | date* | 日期
                        visitors | integer | 入园人次
                        """,
                                Folders::scenicDaily),
                        Table.file(new Sheet("非遗项目.xlsx", "项目"), "非遗项目", "非物质文化遗产项目", """
                        项目编号 | text* | 项目编号
                        项目名称 | text | 项目名称
                        级别 | text | 级别
                        传承人 | text | 代表性传承人
                        传承人身份证号 | text | 传承人身份证号 | police.resident.id_number
                        公布日期 | date | 公布日期
                        """, Folders::heritage)));
    }

    private static int venueCount(City city) {
        return (int) city.count(260, 26);
    }

    private static void venues(City city, Row row) {
        for (int i = 0; i < venueCount(city); i++) {
            Dice dice = city.dice("culture.venue", i);
            Places.Community c =
                    city.places().pick(i % city.places().districts().size(), dice);
            CityFolder.District d = city.places().district(i);
            row.number(i + 1)
                    .text(c.name().replace("社区", "") + VENUES[i % 10])
                    .text(VENUES[i % 10])
                    .text(d.code())
                    .text(c.code());
            row.decimal(Math.round((d.longitude() + dice.bell() * 0.03) * 1e6), 6)
                    .decimal(Math.round((d.latitude() + dice.bell() * 0.025) * 1e6), 6);
            row.decimal(dice.between(800, 90_000), 1)
                    .flag(dice.perMille(850))
                    .date(Days.of(1990, 1, 1) + dice.below(13_000))
                    .end();
        }
    }

    private static void openingHours(City city, Row row) {
        for (int i = 0; i < venueCount(city); i++) {
            for (int day = 1; day <= 7; day++) {
                Dice dice = city.dice("culture.opening", i * 10L + day);
                boolean shut = day == 1 && i % 3 == 0;
                row.number(i + 1)
                        .number(day)
                        .text(shut ? null : dice.pick("08:30", "09:00", "10:00"))
                        .text(shut ? null : dice.pick("17:00", "20:30", "21:00"));
                row.text(shut ? "闭馆" : null).end();
            }
        }
    }

    private static int eventCount(City city) {
        return (int) city.count(900, 40);
    }

    private static void events(City city, Row row) {
        String[] series = city.folder().words("event-series").toArray(String[]::new);
        for (int i = 0; i < eventCount(city); i++) {
            Dice dice = city.dice("culture.event", i);
            String kind = dice.pick("讲座", "展览", "亲子阅读", city.folder().word("stage"), "书法课", "观影会");
            row.number(i + 1).text(dice.pick(series) + kind).number(dice.below(venueCount(city)) + 1);
            row.time((Days.TODAY - dice.between(-40, 600)) * Days.SECONDS + dice.between(9, 19) * 3_600L)
                    .number(dice.between(20, 300));
            row.text(dice.perMille(400) ? "地点：一楼大厅\n请携带\"身份证\"，提前10分钟到场" : "欢迎参加" + kind + "，名额有限")
                    .end();
        }
    }

    private static void signups(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            Dice dice = city.dice("culture.signup", i);
            if (p.age() < 12 || !p.alive() || !dice.perMille(220)) {
                continue;
            }
            row.number(i + 1)
                    .number(dice.below(eventCount(city)) + 1)
                    .text(p.name())
                    .text(p.idNumber())
                    .text(p.phone());
            row.time((Days.TODAY - dice.between(1, 600)) * Days.SECONDS + dice.between(25_000, 80_000))
                    .flag(dice.perMille(760))
                    .end();
        }
    }

    private static int spots(City city) {
        return (int) city.count(60, 15);
    }

    private static void scenicSpots(City city, Row row) {
        for (int i = 0; i < spots(city); i++) {
            Dice dice = city.dice("culture.spot", i);
            row.text("JQ" + Days.padded(i + 1, 4))
                    .text(city.brand(i + 110_000) + dice.pick("景区", "古镇", "公园", "峡谷"))
                    .text(dice.pick("5A", "4A", "4A", "3A"));
            row.text(city.places().district(i).code())
                    .number(dice.between(20, 600) * 100)
                    .end();
        }
    }

    private static void scenicDaily(City city, Row row) {
        long days = Math.clamp(Math.round(365 * city.scale()), 30, 365);
        for (int i = 0; i < spots(city); i++) {
            for (long day = Days.TODAY - days + 1; day <= Days.TODAY; day++) {
                Dice dice = city.dice("culture.visitors", i * 100_000L + day);
                boolean holiday = day >= Days.of(2026, 10, 1) && day <= Days.of(2026, 10, 7);
                row.text("JQ" + Days.padded(i + 1, 4))
                        .date(day)
                        .number(Math.round(900 + i * 70 + dice.unit() * 2_500) * (holiday ? 4 : 1))
                        .end();
            }
        }
    }

    private static void heritage(City city, Row row) {
        String[] crafts = city.folder().words("crafts").toArray(String[]::new);
        for (int i = 0; i < city.count(180, 20); i++) {
            Dice dice = city.dice("culture.heritage", i);
            Person p = city.grownUp(dice);
            row.text("FY" + city.folder().code() + "00" + Days.padded(i + 1, 4))
                    .text(city.brand(i + 120_000).substring(0, 2) + dice.pick(crafts));
            row.text(dice.pick("国家级", "省级", "市级", "市级"))
                    .text(p.name())
                    .text(p.idNumber())
                    .date(Days.of(2008, 6, 1) + dice.below(6_000))
                    .end();
        }
    }

    // --- 教育局

    static SourceSystem education() {
        return SourceSystem.folder(
                "education",
                List.of(
                        Table.file(new Sheet("学校.xlsx", "学校"), "学校", "中小学校", """
                        学校编码 | text* | 学校编码
                        学校名称 | text | 学校名称
                        统一社会信用代码 | text | 统一社会信用代码
                        学段 | text | 学段
                        区县代码 | text | 区县代码 | police.xzqh.qhdm
                        班级数 | integer | 班级数
                        """, Folders::schools),
                        Table.file(FileForm.gb18030("学籍.csv", ','), "学籍", "中小学生学籍", """
                        学籍号 | text | 学籍号
                        姓名 | text | 姓名
                        身份证号 | text | 身份证号 | police.resident.id_number
                        性别 | text | 性别
                        学校编码 | text | 学校编码 | 学校.学校编码
                        年级 | integer | 年级
                        监护人 | text | 监护人姓名
                        监护人电话 | text | 监护人电话 | police.resident.mobile
                        """, Folders::pupils),
                        Table.file(FileForm.utf8WithMark("teachers.csv"), "teachers", "教师", """
                        teacher_no | text* | 教师编号
                        name | text | 姓名
                        id_number | text | 身份证号 | police.resident.id_number
                        school_code | text | 学校编码 | 学校.学校编码
                        subject | text | 任教学科
                        hired_on | date | 入职日期
                        """, Folders::teachers),
                        Table.file(
                                FileForm.utf8("school_district.csv", ';'),
                                "school_district",
                                "学区划分",
                                """
                        community_code | text* | 社区代码 | civil_affairs.community.community_code
                        school_code | text* | 学校编码 | 学校.学校编码
                        school_year | text | 学年
                        remark | text | 说明
                        """,
                                Folders::schoolDistricts),
                        Table.file(new Sheet("托育机构.xlsx", "机构"), "托育机构__机构", "托育机构", """
                        机构编号 | integer* | 机构编号
                        机构名称 | text | 机构名称
                        区县代码 | text | 区县代码 | police.xzqh.qhdm
                        托位数 | integer | 托位数
                        """, Folders::nurseries),
                        Table.file(new Sheet("托育机构.xlsx", "余位"), "托育机构__余位", "托育余位", """
                        机构编号 | integer* | 机构编号 | 托育机构__机构.机构编号
                        月份 | text* | 月份
                        余位 | integer | 余位
                        """, Folders::vacancies)));
    }

    private static String schoolCode(City city, int i) {
        return city.places().district(i).code() + Days.padded(i + 1, 5);
    }

    private static void schools(City city, Row row) {
        int districts = city.places().districts().size();
        for (int i = 0; i < city.schools(); i++) {
            String kind = i / districts % 2 == 0 ? "小学" : "中学";
            CityFolder.District d = city.places().district(i);
            row.text(schoolCode(city, i))
                    .text(d.name() + city.brand(i + 130_000) + kind)
                    .text(city.institutionCode("12", 2_000 + i))
                    .text(kind)
                    .text(d.code());
            row.number(city.dice("education.school", i).between(12, 60)).end();
        }
    }

    private static void pupils(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            if (!p.pupil()) {
                continue;
            }
            Dice dice = city.dice("education.pupil", i);
            Person guardian = city.person(city.headOf(p.household()));
            String id = p.idNumber();
            if (p.is(Plant.FULL_WIDTH_ID)) {
                id = fullWidth(id);
            } else if (p.is(Plant.IMPOSSIBLE_ID_DATE)) {
                id = id.substring(0, 10) + "13" + id.substring(12);
            }
            int copies = p.is(Plant.DUPLICATE_ROW) ? 2 : 1;
            int school = dice.below(city.schools());
            for (int copy = 0; copy < copies; copy++) {
                row.text("G" + city.folder().code() + Days.padded(i, 13))
                        .text(p.name())
                        .text(id)
                        .text(p.sex() == Names.Sex.MALE ? "男" : "女")
                        .text(schoolCode(city, school));
                row.number(Math.min(12, p.age() - 5)).text(guardian.name()).text(guardian.phone());
                if (p.is(Plant.FULL_WIDTH_ID) || p.is(Plant.IMPOSSIBLE_ID_DATE) || p.is(Plant.DUPLICATE_ROW)) {
                    Plant plant = p.is(Plant.FULL_WIDTH_ID)
                            ? Plant.FULL_WIDTH_ID
                            : p.is(Plant.DUPLICATE_ROW) ? Plant.DUPLICATE_ROW : Plant.IMPOSSIBLE_ID_DATE;
                    row.plant(plant, p.ordinal(), "学籍号", "身份证号");
                }
                row.end();
            }
        }
    }

    static String fullWidth(String text) {
        StringBuilder out = new StringBuilder();
        for (char c : text.toCharArray()) {
            out.append((char) (c - '!' + '！'));
        }
        return out.toString();
    }

    private static void teachers(City city, Row row) {
        for (long i = 0; i < city.count(2_000, 60); i++) {
            Dice dice = city.dice("education.teacher", i);
            Person p = city.grownUp(dice);
            row.text("T" + Days.padded(i + 1, 7))
                    .text(p.name())
                    .text(p.idNumber())
                    .text(schoolCode(city, dice.below(city.schools())));
            row.text(dice.pick("语文", "数学", "英语", "科学", "体育", "音乐,美术"))
                    .date(Math.min(Days.of(2026, 9, 1), p.born() + 22 * 366L + dice.below(3_000)))
                    .end();
        }
    }

    private static void schoolDistricts(City city, Row row) {
        int districts = city.places().districts().size();
        for (Places.Community c : city.places().communities()) {
            Dice dice = city.dice("education.district", c.index());
            int school = c.district() + districts * dice.below(Math.max(1, city.schools() / districts));
            row.text(c.code())
                    .text(schoolCode(city, school))
                    .text("2026-2027")
                    .text(dice.perMille(100) ? "含新建小区；以公告为准" : null)
                    .end();
        }
    }

    private static void nurseries(City city, Row row) {
        for (int i = 0; i < city.count(120, 15); i++) {
            row.number(i + 1)
                    .text(city.brand(i + 140_000) + "托育园")
                    .text(city.places().district(i).code())
                    .number(city.dice("education.nursery", i).between(20, 120))
                    .end();
        }
    }

    private static void vacancies(City city, Row row) {
        for (int i = 0; i < city.count(120, 15); i++) {
            for (int back = 5; back >= 0; back--) {
                row.number(i + 1)
                        .text(Days.month(Days.monthsAgo(back)))
                        .number(city.dice("education.vacancy", i * 10L + back).below(20))
                        .end();
            }
        }
    }

    // --- 交通局

    static SourceSystem transport() {
        return SourceSystem.folder(
                "transport",
                List.of(
                        Table.file(FileForm.utf8("bus_line.csv", ';'), "bus_line", "公交线路", """
                        line_no | text* | 线路号
                        line_name | text | 线路名称
                        first_bus | text | 首班
                        last_bus | text | 末班
                        fare_yuan | numeric | 票价（元）
                        """, Folders::busLines),
                        Table.file(FileForm.utf8("bus_stop.tsv", '\t'), "bus_stop", "公交站点", """
                        line_no | text* | 线路号 | bus_line.line_no
                        stop_seq | integer* | 站序
                        stop_name | text | 站名
                        longitude | numeric | 经度
                        latitude | numeric | 纬度
                        """, Folders::busStops),
                        Table.file(
                                FileForm.utf8("bus_ridership.csv", ','),
                                "bus_ridership",
                                "公交线路日客流",
                                """
                        line_no | text* | 线路号 | bus_line.line_no
                        date | date* | 日期
                        passengers | integer | 客流（人次）
                        """,
                                Folders::ridership),
                        Table.file(FileForm.gb18030("停车场.csv", '|'), "停车场", "公共停车场（含手工录入错行）", """
                        停车场编号 | text* | 停车场编号
                        停车场名称 | text | 停车场名称
                        区县代码 | text | 区县代码 | police.xzqh.qhdm
                        泊位数 | integer | 泊位数
                        收费标准 | text | 收费标准
                        """, Folders::parking),
                        Table.file(new Sheet("道路运输企业.xlsx", "企业"), "道路运输企业", "道路运输经营许可", """
                        许可证号 | text* | 道路运输经营许可证号
                        企业名称 | text | 企业名称
                        统一社会信用代码 | text | 统一社会信用代码 | market.enterprise.uscc
                        车辆数 | integer | 车辆数
                        有效期至 | date | 有效期至
                        """, Folders::hauliers)));
    }

    private static int lines(City city) {
        return (int) city.count(160, 20);
    }

    private static void busLines(City city, Row row) {
        for (int i = 0; i < lines(city); i++) {
            Dice dice = city.dice("transport.line", i);
            row.text(i % 9 == 0 ? "B" + (i + 1) : Integer.toString(i + 1))
                    .text((i + 1) + "路")
                    .text("05:" + Days.padded(dice.below(60), 2))
                    .text("22:" + Days.padded(dice.below(60), 2));
            row.decimal(dice.pick(200, 200, 300), 2).end();
        }
    }

    private static void busStops(City city, Row row) {
        for (int i = 0; i < lines(city); i++) {
            CityFolder.District d = city.places().district(i);
            for (int s = 1; s <= 12 + i % 9; s++) {
                Dice dice = city.dice("transport.stop", i * 100L + s);
                Places.Community c =
                        city.places().pick(i % city.places().districts().size(), dice);
                row.text(i % 9 == 0 ? "B" + (i + 1) : Integer.toString(i + 1))
                        .number(s)
                        .text(c.name().replace("社区", "") + dice.pick("", "北", "南", "路口"));
                row.decimal(Math.round((d.longitude() + dice.bell() * 0.04) * 1e6), 6)
                        .decimal(Math.round((d.latitude() + dice.bell() * 0.03) * 1e6), 6)
                        .end();
            }
        }
    }

    private static void ridership(City city, Row row) {
        long days = Math.clamp(Math.round(180 * city.scale()), 30, 180);
        for (int i = 0; i < lines(city); i++) {
            for (long day = Days.TODAY - days + 1; day <= Days.TODAY; day++) {
                Dice dice = city.dice("transport.ridership", i * 100_000L + day);
                boolean weekend = Math.floorMod(day + 3, 7) >= 5;
                row.text(i % 9 == 0 ? "B" + (i + 1) : Integer.toString(i + 1))
                        .date(day)
                        .number(Math.round((weekend ? 2_200 : 3_400) + dice.bell() * 300))
                        .end();
            }
        }
    }

    private static void parking(City city, Row row) {
        long count = city.count(800, 60);
        for (int i = 0; i < count; i++) {
            Dice dice = city.dice("transport.parking", i);
            CityFolder.District d = city.places().district(i);
            String id = "TC" + Days.padded(i + 1, 5);
            String name = d.name() + city.brand(i + 150_000) + "停车场";
            row.text(id)
                    .text(name)
                    .text(d.code())
                    .number(dice.between(20, 1_800))
                    .text(dice.pick("首小时5元，之后2元/小时", "免费", "10元/次"));
            switch (i) {
                case 11 -> row.ragged(id + "|" + name + "|" + d.code());
                case 23 -> row.ragged(id + "|" + name + "|" + d.code() + "|120|10元/次|24小时|备注：夜间半价");
                case 37 -> row.ragged(id + "|" + name);
                default -> {}
            }
            row.end();
        }
    }

    private static void hauliers(City city, Row row) {
        CityFolder folder = city.folder();
        String licence = folder.word("province-initial") + "交运管许可" + folder.word("initial") + "字" + folder.code();
        for (long i = city.pharmacies() + city.polluters(); i < city.companies(); i += 9) {
            City.Company c = city.company(i);
            Dice dice = city.dice("transport.haulier", i);
            row.text(licence + Days.padded(i, 8) + "号")
                    .text(c.name())
                    .text(c.code())
                    .number(dice.between(1, 120))
                    .date(Days.TODAY + dice.between(-200, 1_200))
                    .end();
        }
    }
}
