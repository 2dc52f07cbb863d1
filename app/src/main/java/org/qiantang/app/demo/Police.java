package org.qiantang.app.demo;

import java.util.List;
import org.qiantang.app.demo.City.Address;
import org.qiantang.app.demo.City.Person;
import org.qiantang.app.demo.City.Role;

/** 公安局: who lives where. The anchor most other departments could be joined to. */
final class Police {
    private Police() {}

    static SourceSystem system() {
        return SourceSystem.database(
                        "police",
                        List.of(
                                Table.of("xzqh", "行政区划代码表（含已撤销）", """
                                qhdm | char(6)* | 区划代码
                                qhmc | varchar(40)! | 区划名称
                                yxbz | boolean! | 是否有效
                                qyrq | date | 启用日期
                                tyrq | date | 停用日期
                                hjdm | varchar(6)[] | 合并或拆分后的区划代码
                                """, Police::divisions),
                                Table.of("police_station", "派出所", """
                                station_code | varchar(12)* | 派出所机构代码
                                station_name | varchar(60)! | 派出所名称
                                qhdm | char(6)! | 所属区划代码 | xzqh.qhdm
                                street_name | varchar(40)! | 辖区街道
                                phone | varchar(20) | 值班电话
                                """, Police::stations),
                                Table.of("standard_address", "标准地址库", """
                                address_id | bigint* | 地址编号
                                address_code | varchar(24)! | 标准地址编码
                                full_address | varchar(200)! | 地址全称
                                qhdm | char(6)! | 区划代码 | xzqh.qhdm
                                community_code | varchar(12)! | 社区（村）代码 | civil_affairs.community.community_code
                                estate_name | varchar(60) | 小区名称
                                longitude | numeric(9,6) | 经度（CGCS2000）
                                latitude | numeric(9,6) | 纬度（CGCS2000）
                                station_code | varchar(12)! | 管辖派出所 | police_station.station_code
                                """, Police::addresses),
                                Table.of("household", "户籍户信息", """
                                household_id | bigint* | 户编号
                                household_no | varchar(12)! | 户号
                                address_id | bigint! | 地址编号 | standard_address.address_id
                                household_type | hukou_type! | 户类型
                                member_count | smallint! | 成员数
                                created_on | date! | 立户日期
                                """, Police::households),
                                Table.of("resident", "常住人口登记", """
                                resident_id | bigint* | 人员编号
                                household_id | bigint! | 户编号 | household.household_id
                                id_number | varchar(18)! | 公民身份号码
                                name | varchar(60)! | 姓名
                                sex | char(1)! | 性别代码（GB/T 2261.1）
                                birth_date | date! | 出生日期
                                ethnic_group | char(2)! | 民族代码（GB/T 3304）
                                relation | varchar(10)! | 与户主关系
                                marital_status | char(2) | 婚姻状况（10未婚20已婚30丧偶40离婚）
                                education | varchar(20) | 文化程度
                                mobile | varchar(20) | 联系电话
                                employer_name | varchar(120) | 服务处所
                                status | resident_status! | 人员状态
                                death_date | date | 死亡注销日期
                                updated_at | timestamptz! | 更新时间
                                """, Police::residents),
                                Table.of("resident_name_history", "曾用名登记", """
                                history_id | bigint* | 编号
                                resident_id | bigint! | 人员编号 | resident.resident_id
                                former_name | varchar(60)! | 曾用名
                                current_name | varchar(60)! | 现用名
                                changed_on | date! | 变更日期
                                """, Police::nameHistory),
                                Table.of("id_card", "居民身份证签发", """
                                card_id | bigint* | 证件编号
                                resident_id | bigint! | 人员编号 | resident.resident_id
                                id_number | varchar(18)! | 公民身份号码
                                issued_by | varchar(60)! | 签发机关
                                valid_from | date! | 有效期起
                                valid_to | date | 有效期止（空为长期）
                                """, Police::idCards),
                                Table.of("residence_permit", "流动人口居住证", """
                                permit_no | varchar(20)* | 居住证编号
                                id_number | varchar(18)! | 公民身份号码 | police.resident.id_number
                                name | varchar(60)! | 姓名
                                live_address | varchar(200)! | 居住地址
                                reason | varchar(20)! | 居住事由
                                valid_period | daterange! | 有效期
                                """, Police::permits),
                                Table.of("MotorVehicle", "机动车登记（旧系统，列名保留原样）", """
                                VehicleID | bigint* | 机动车序号
                                PlateNo | varchar(12)! | 号牌号码
                                OwnerIdNo | varchar(18)! | 所有人身份证号 | police.resident.id_number
                                OwnerName | varchar(60)! | 所有人姓名
                                Brand | varchar(30)! | 品牌型号
                                EnergyType | varchar(10)! | 能源种类
                                RegisterDate | date! | 初次登记日期
                                InspectionValidTo | date | 检验有效期止
                                """, Police::vehicles),
                                Table.of("driver_licence", "机动车驾驶证", """
                                licence_no | varchar(18)* | 驾驶证号 | police.resident.id_number
                                name | varchar(60)! | 姓名
                                class_codes | varchar(4)[]! | 准驾车型
                                first_issued | date! | 初次领证日期
                                points | smallint! | 累积记分
                                status | varchar(10)! | 状态
                                """, Police::drivers)))
                .with(
                        List.of(
                                "CREATE TYPE hukou_type AS ENUM ('家庭户', '集体户')",
                                "CREATE TYPE resident_status AS ENUM ('正常', '迁出', '死亡注销')",
                                "CREATE SEQUENCE permit_seq START 100000",
                                "COMMENT ON SEQUENCE permit_seq IS '居住证流水号'"),
                        List.of(
                                """
                                CREATE VIEW v_resident_by_street AS
                                  SELECT s.station_name, s.street_name, count(*) AS residents
                                  FROM resident r JOIN household h USING (household_id) JOIN standard_address a USING (address_id)
                                  JOIN police_station s USING (station_code) WHERE r.status <> '死亡注销' GROUP BY 1, 2""",
                                "COMMENT ON VIEW v_resident_by_street IS '各派出所辖区常住人口数'",
                                "CREATE INDEX resident_id_number ON resident (id_number)"));
    }

    private static void divisions(City city, Row row) {
        row.text(city.folder().code() + "00")
                .text(city.folder().name())
                .flag(true)
                .date(Days.of(1949, 10, 1))
                .none()
                .none()
                .end();
        for (CityFolder.District d : city.places().districts()) {
            row.text(d.code())
                    .text(d.name())
                    .flag(true)
                    .date(d.since())
                    .none()
                    .none()
                    .end();
        }
        for (CityFolder.Abolished a : city.folder().abolished()) {
            row.text(a.code()).text(a.name()).flag(false).date(a.since());
            row.date(a.until())
                    .text("{" + String.join(",", a.successors()) + "}")
                    .end();
        }
    }

    static String stationCode(Places.Street street) {
        return street.code() + "500";
    }

    private static void stations(City city, Row row) {
        for (Places.Street s : city.places().streets()) {
            CityFolder.District d = city.places().districts().get(s.district());
            String stem = s.name().replace("街道", "").replace("镇", "");
            row.text(stationCode(s))
                    .text(city.folder().name() + "公安局" + d.name() + "分局" + stem + "派出所")
                    .text(d.code())
                    .text(s.name());
            row.text(city.folder().word("area-code") + "-8" + Days.padded(110_000 + s.index(), 7))
                    .end();
        }
    }

    private static void addresses(City city, Row row) {
        for (long i = 0; i < city.households(); i++) {
            Address a = city.address(i);
            City.Estate e = city.estate(a.estate());
            row.number(i)
                    .text(a.code())
                    .text(a.text())
                    .text(a.district().code())
                    .text(a.community().code())
                    .text(e.name());
            row.decimal(Math.round(e.longitude() * 1e6), 6).decimal(Math.round(e.latitude() * 1e6), 6);
            row.text(stationCode(a.street())).end();
        }
    }

    private static void households(City city, Row row) {
        long province = Long.parseLong(city.folder().code().substring(0, 2)) * 10_000_000;
        for (long i = 0; i < city.households(); i++) {
            Dice dice = city.dice("police.household", i);
            row.number(i).text(Days.padded(province + i, 9)).number(i).text(dice.perMille(970) ? "家庭户" : "集体户");
            row.number(city.sizeOf(i))
                    .date(Days.of(1990, 1, 1) + dice.below(13_000))
                    .end();
        }
    }

    private static void residents(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            Dice dice = city.dice("police.resident", i);
            boolean couple = p.role() == Role.HEAD || p.role() == Role.SPOUSE;
            String marital = p.is(Plant.MARRIED_BUT_SINGLE) || p.role() == Role.CHILD
                    ? "10"
                    : couple && city.sizeOf(p.household()) == 1 ? dice.pick("10", "30", "40") : "20";
            row.number(i)
                    .number(p.household())
                    .text(p.idNumber())
                    .text(p.name())
                    .text(p.sexCode())
                    .date(p.born());
            row.text(p.ethnicGroup()).text(p.role().zh()).text(p.age() < 15 ? null : marital);
            row.text(p.age() < 6 ? null : dice.pick("小学", "初中", "高中", "大专", "本科", "本科", "硕士研究生"));
            row.text(p.age() < 12 ? null : p.phone());
            row.text(
                    p.employer() >= 0 && dice.perMille(600)
                            ? city.company(p.employer()).name()
                            : null);
            row.text(!p.alive() ? "死亡注销" : dice.perMille(8) && p.plant() == null ? "迁出" : "正常");
            row.dateOrNone(p.died()).time((Days.TODAY - dice.below(900)) * Days.SECONDS + dice.below(86_400));
            if (p.plant() != null) {
                switch (p.plant()) {
                    case MARRIED_BUT_SINGLE -> row.plant(p.plant(), p.ordinal(), "id_number", "name", "marital_status");
                    case ADDRESS_DIFFERS -> row.plant(p.plant(), p.ordinal(), "id_number", "name", "household_id");
                    case BIRTH_DATE_DIFFERS -> row.plant(p.plant(), p.ordinal(), "id_number", "name", "birth_date");
                    case SEX_DIFFERS -> row.plant(p.plant(), p.ordinal(), "id_number", "name", "sex");
                    case DEAD_BUT_PENSION, DEAD_BUT_ALLOWANCE ->
                        row.plant(p.plant(), p.ordinal(), "id_number", "name", "death_date");
                    default -> {
                        if (p.plant().group() == Plant.Group.DIRTY) {
                            row.counterpart(p.plant(), p.ordinal(), "id_number", "name");
                        } else {
                            row.plant(p.plant(), p.ordinal(), "id_number", "name");
                        }
                    }
                }
            }
            row.end();
        }
    }

    /** The name a person had before; only for those with a former name. */
    static String formerName(City city, Person p) {
        String given = Names.given(city.dice("former name", p.index()), p.sex());
        return p.surname() + (given.equals(p.given()) ? "小" + given : given);
    }

    private static void nameHistory(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Dice dice = city.dice("police.name_history", i);
            Person p = city.person(i);
            boolean planted = p.is(Plant.FORMER_NAME);
            if (p.surname().isEmpty() || p.is(Plant.RARE_CHARACTER) || (!planted && !dice.perMille(15))) {
                continue;
            }
            row.number(i * 10 + 1).number(i).text(formerName(city, p)).text(p.name());
            row.date(Days.of(2019, 1, 1) + dice.below(2_500));
            if (planted) {
                row.plant(Plant.FORMER_NAME, p.ordinal(), "former_name", "current_name");
            }
            row.end();
        }
    }

    private static void idCards(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            if (p.age() < 3) {
                continue;
            }
            Dice dice = city.dice("police.id_card", i);
            long from = Days.TODAY - dice.below(Math.min(3600, p.age() * 365));
            row.number(700_000_000 + i).number(i).text(p.idNumber());
            row.text(city.folder().name() + "公安局"
                            + city.address(p.household()).district().name() + "分局")
                    .date(from);
            row.dateOrNone(p.age() >= 46 ? Row.MISSING : from + (p.age() < 16 ? 1826 : p.age() < 26 ? 3652 : 7305))
                    .end();
        }
    }

    private static void permits(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            Dice dice = city.dice("police.permit", i);
            if (p.age() < 16
                    || !p.alive()
                    || p.idNumber().startsWith(city.folder().code())
                    || !dice.perMille(260)) {
                continue;
            }
            long from = Days.TODAY - dice.below(700);
            row.text("JZ" + city.folder().code() + Days.padded(i, 10))
                    .text(p.idNumber())
                    .text(p.name());
            row.text(city.address(dice.below(city.households())).withinProvince())
                    .text(dice.pick("务工", "经商", "投靠亲友", "就读", "购房"));
            row.text("[" + Days.text(from) + "," + Days.text(from + 365) + ")").end();
        }
    }

    private static void vehicles(City city, Row row) {
        String[] plates = city.folder().words("plates").toArray(String[]::new);
        String letters = "ABCDEFGHJKLMNPQRSTUVWXYZ";
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            Dice dice = city.dice("police.vehicle", i);
            if (p.age() < 20 || !p.alive() || !dice.perMille(380)) {
                continue;
            }
            boolean electric = dice.perMille(400);
            String plate = plates[dice.below(plates.length)]
                    + (electric ? "D" : "")
                    + letters.charAt(dice.below(24))
                    + Days.padded(i * 7919 % 100_000, 5).substring(electric ? 0 : 1);
            long registered = Days.TODAY - 30 - dice.below(4_000);
            row.number(i + 50_000_000L).text(plate).text(p.idNumber()).text(p.name());
            row.text(dice.pick("轿车A型", "轿车B型", "运动型多用途车", "微型电动车", "多用途乘用车"))
                    .text(electric ? "纯电动" : dice.pick("汽油", "汽油", "混合动力"));
            row.date(registered).date(Days.TODAY + dice.between(-60, 700)).end();
        }
    }

    private static void drivers(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            Dice dice = city.dice("police.driver", i);
            if (p.age() < 19 || p.age() > 75 || !p.alive() || !dice.perMille(480)) {
                continue;
            }
            row.text(p.idNumber())
                    .text(p.name())
                    .text(dice.perMille(850) ? "{C1}" : dice.pick("{C2}", "{A2,D}", "{B2}", "{C1,E}"));
            row.date(p.born() + 18 * 366L + dice.below(200)).number(dice.perMille(800) ? 0 : dice.below(12));
            row.text(dice.perMille(980) ? "正常" : dice.pick("逾期未换证", "暂扣")).end();
        }
    }
}
