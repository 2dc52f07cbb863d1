package org.qiantang.app.demo;

import java.util.List;
import org.qiantang.app.demo.City.Company;
import org.qiantang.app.demo.City.Person;
import org.qiantang.core.ELicenceIdentifier;

/** 市场监管局: companies, shopkeepers, their licences and fines. */
final class Market {
    private Market() {}

    static SourceSystem system() {
        return SourceSystem.database(
                        "market",
                        List.of(
                                Table.of("enterprise", "企业登记信息", """
                                ent_id | bigint* | 企业序号
                                uscc | varchar(18)! | 统一社会信用代码
                                ent_name | varchar(120)! | 企业名称
                                ent_type | varchar(40)! | 企业类型
                                legal_person | varchar(60)! | 法定代表人
                                legal_person_id_no | varchar(18)! | 法定代表人身份证号 | police.resident.id_number
                                district_code | char(6)! | 登记区县代码
                                address | varchar(200)! | 住所
                                industry | varchar(40)! | 行业
                                capital_yuan | numeric(18,2)! | 注册资本（元）
                                established_on | date! | 成立日期
                                status | ent_status! | 登记状态
                                cancelled_on | date | 注销日期
                                phone | varchar(20) | 联系电话
                                business_scope | text[] | 经营范围
                                """, Market::enterprises)
                                        .inSchema("reg"),
                                Table.of("enterprise_change", "企业变更记录", """
                                change_id | bigint* | 变更编号
                                ent_id | bigint! | 企业序号 | enterprise.ent_id
                                item | varchar(30)! | 变更事项
                                before_value | text | 变更前内容
                                after_value | text | 变更后内容
                                changed_at | timestamptz! | 核准时间
                                """, Market::changes)
                                        .inSchema("reg"),
                                Table.of("shareholder", "股东及出资", """
                                shareholder_id | bigint* | 股东编号
                                ent_id | bigint! | 企业序号 | enterprise.ent_id
                                name | varchar(120)! | 股东名称
                                cert_no | varchar(18)! | 证件号码 | police.resident.id_number
                                ratio | numeric(7,4)! | 出资比例
                                """, Market::shareholders)
                                        .inSchema("reg"),
                                Table.of("individual_business", "个体工商户", """
                                uscc | varchar(18)* | 统一社会信用代码
                                shop_name | varchar(120)! | 字号名称
                                operator_name | varchar(60)! | 经营者
                                operator_id_no | varchar(18)! | 经营者身份证号 | police.resident.id_number
                                district_code | char(6)! | 区县代码 | police.xzqh.qhdm
                                established_on | date! | 成立日期
                                status | varchar(10)! | 状态
                                """, Market::shops)
                                        .inSchema("reg"),
                                Table.of("annual_report", "企业年报", """
                                report_id | bigint* | 年报编号
                                ent_id | bigint! | 企业序号 | enterprise.ent_id
                                year | smallint! | 年度
                                employees | integer | 从业人数
                                revenue_yuan | numeric(18,2) | 营业收入（元）
                                tax_yuan | numeric(18,2) | 纳税总额（元）
                                submitted_at | timestamptz! | 报送时间
                                extra | jsonb | 其他填报项
                                """, Market::reports)
                                        .inSchema("reg"),
                                Table.of("abnormal_list", "经营异常名录", """
                                id | bigint* | 编号
                                ent_id | bigint! | 企业序号 | enterprise.ent_id
                                reason | varchar(80)! | 列入原因
                                listed_on | date! | 列入日期
                                removed_on | date | 移出日期
                                """, Market::abnormal)
                                        .inSchema("reg"),
                                Table.of("licence", "许可证照（电子证照）", """
                                licence_id | bigint* | 证照序号
                                elicence_no | varchar(90)! | 电子证照标识（GB/T 36904）
                                licence_type | varchar(40)! | 证照类型
                                holder_uscc | varchar(18)! | 持证主体代码
                                holder_name | varchar(120)! | 持证主体名称
                                issued_on | date! | 发证日期
                                valid_to | date | 有效期止
                                status | varchar(10)! | 状态
                                """, Market::licences)
                                        .inSchema("permit"),
                                Table.of("pharmacy_licence", "药品经营许可证", """
                                licence_no | varchar(30)* | 许可证号
                                holder_uscc | varchar(18)! | 企业代码
                                pharmacy_name | varchar(120)! | 药店名称
                                manager_name | varchar(60)! | 质量负责人
                                issued_on | date! | 发证日期
                                valid_to | date! | 有效期止
                                status | varchar(10)! | 状态
                                revoked_on | date | 吊销日期
                                """, Market::pharmacyLicences)
                                        .inSchema("permit"),
                                Table.of("penalty", "行政处罚", """
                                penalty_no | varchar(40)* | 处罚决定书文号
                                party_name | varchar(120)! | 当事人
                                party_uscc | varchar(18) | 当事人代码 | market.enterprise.uscc
                                violation | text! | 违法行为
                                fine_yuan | numeric(14,2) | 罚款（元）
                                decided_on | date! | 决定日期
                                """, Market::penalties)
                                        .inSchema("enforce"),
                                Table.of("food_inspection", "食品抽检结果", """
                                sample_no | varchar(24)* | 样品编号
                                shop_uscc | varchar(18)! | 被抽检单位代码 | market.individual_business.uscc
                                food | varchar(40)! | 食品名称
                                sampled_on | date! | 抽样日期
                                conclusion | varchar(10)! | 结论
                                items | jsonb! | 检验项目及结果
                                """, Market::inspections)
                                        .inSchema("enforce")))
                .with(
                        List.of(
                                "CREATE SCHEMA reg",
                                "CREATE SCHEMA permit",
                                "CREATE SCHEMA enforce",
                                "COMMENT ON SCHEMA reg IS '登记注册'",
                                "COMMENT ON SCHEMA permit IS '许可审批'",
                                "COMMENT ON SCHEMA enforce IS '监管执法'",
                                "CREATE TYPE reg.ent_status AS ENUM ('存续', '注销', '吊销')",
                                "ALTER DATABASE src_market SET search_path = reg, permit, enforce, public",
                                "SET search_path = reg, permit, enforce, public"),
                        List.of(
                                "CREATE UNIQUE INDEX enterprise_uscc ON reg.enterprise (uscc)",
                                "CREATE VIEW reg.v_active_enterprise AS SELECT ent_id, uscc, ent_name FROM reg.enterprise WHERE status = '存续'",
                                "COMMENT ON VIEW reg.v_active_enterprise IS '存续企业'"));
    }

    private static void enterprises(City city, Row row) {
        // The first of the list are those that registers still hold most often.
        CityFolder.Abolished[] abolished =
                city.folder().abolished().stream().limit(2).toArray(CityFolder.Abolished[]::new);
        for (long i = 0; i < city.companies(); i++) {
            Company c = city.company(i);
            Dice dice = city.dice("market.enterprise", i);
            Person boss = city.boss(i);
            row.number(i).text(c.code()).text(c.name());
            row.text(c.name().endsWith("股份有限公司") ? "股份有限公司" : c.name().contains("合伙") ? "有限合伙企业" : "有限责任公司");
            row.text(boss.name())
                    .text(boss.idNumber())
                    .text(
                            c.is(Plant.ABOLISHED_DIVISION)
                                    ? dice.pick(abolished).code()
                                    : c.district().code());
            row.text(c.address())
                    .text(c.industry())
                    .decimal(c.capitalYuan() * 100, 2)
                    .date(c.registered());
            row.text(c.cancelled() != Row.MISSING ? "注销" : dice.perMille(15) && c.plant() == null ? "吊销" : "存续")
                    .dateOrNone(c.cancelled());
            row.text(c.phone())
                    .text("{" + c.industry() + "," + dice.pick("货物进出口", "技术服务", "咨询服务", "\"食品销售（仅销售预包装食品）\"") + "}");
            if (c.plant() != null) {
                switch (c.plant()) {
                    case ABOLISHED_DIVISION -> row.plant(c.plant(), c.ordinal(), "uscc", "ent_name", "district_code");
                    case CANCELLED_BUT_CONTRIBUTING ->
                        row.plant(c.plant(), c.ordinal(), "uscc", "ent_name", "status", "cancelled_on");
                    case BAD_USCC_CHECK, BAD_LICENCE_CHECK, NEGATIVE_STOCK ->
                        row.counterpart(c.plant(), c.ordinal(), "uscc", "ent_name");
                    default -> row.plant(c.plant(), c.ordinal(), "uscc", "ent_name");
                }
            }
            row.end();
        }
    }

    private static void changes(City city, Row row) {
        for (long i = 0; i < city.companies(); i++) {
            Company c = city.company(i);
            Dice dice = city.dice("market.change", i);
            if (c.formerName() != null) {
                row.number(i * 10 + 1)
                        .number(i)
                        .text("名称变更")
                        .text(c.formerName())
                        .text(c.name());
                row.time((Days.TODAY - dice.between(300, 2_500)) * Days.SECONDS + 36_000);
                if (c.is(Plant.COMPANY_OLD_NAME)) {
                    row.plant(Plant.COMPANY_OLD_NAME, c.ordinal(), "before_value", "after_value");
                }
                row.end();
            }
            if (dice.perMille(500)) {
                row.number(i * 10 + 2).number(i).text(dice.pick("注册资本变更", "住所变更", "经营范围变更"));
                row.text("原登记内容").text("现登记内容，见档案第" + dice.between(1, 90) + "页");
                row.time((Days.TODAY - dice.between(1, 2_500)) * Days.SECONDS + dice.between(30_000, 60_000))
                        .end();
            }
        }
    }

    private static void shareholders(City city, Row row) {
        for (long i = 0; i < city.companies(); i++) {
            Company c = city.company(i);
            Dice dice = city.dice("market.shareholder", i);
            Person boss = city.boss(i);
            boolean sole = dice.perMille(300);
            int share = sole ? 1_000_000 : dice.between(510_000, 900_000);
            row.number(i * 10)
                    .number(i)
                    .text(boss.name())
                    .text(boss.idNumber())
                    .decimal(share, 4)
                    .end();
            if (!sole) {
                Person second = city.grownUp(dice);
                row.number(i * 10 + 1)
                        .number(i)
                        .text(second.name())
                        .text(second.idNumber())
                        .decimal(1_000_000 - share, 4)
                        .end();
            }
        }
    }

    static long shopCount(City city) {
        return city.count(4_000, 90);
    }

    static String shopCode(City city, long i) {
        return City.creditCode("92" + city.places().district(i).code() + "ML" + Days.padded(i, 6));
    }

    static String shopName(City city, long i) {
        String[] kinds = {"小吃店", "便利店", "理发店", "水果店", "面馆", "五金店", "服装店"};
        return city.folder().name()
                + city.places().district(i).name()
                + city.brand(i + 40_000)
                + kinds[(int) (i % kinds.length)];
    }

    private static void shops(City city, Row row) {
        for (long i = 0; i < shopCount(city); i++) {
            Dice dice = city.dice("market.shop", i);
            Person p = city.grownUp(dice);
            row.text(shopCode(city, i)).text(shopName(city, i)).text(p.name()).text(p.idNumber());
            row.text(city.places().district(i).code()).date(Days.of(2008, 1, 1) + dice.below(6_500));
            row.text(dice.perMille(880) ? "存续" : "注销").end();
        }
    }

    private static void reports(City city, Row row) {
        for (long i = 0; i < city.companies(); i++) {
            Company c = city.company(i);
            for (int year = 2024; year <= 2025; year++) {
                Dice dice = city.dice("market.report." + year, i);
                if (Days.year(c.registered()) > year || dice.perMille(60)) {
                    continue;
                }
                long revenue = (long) (c.capitalYuan() * (0.2 + dice.unit() * 3));
                row.number(i * 10 + year - 2020)
                        .number(i)
                        .number(year)
                        .number(dice.between(1, 180))
                        .decimal(revenue * 100, 2);
                row.decimal(revenue * 3, 2).time(Days.of(year + 1, 1, 10) * Days.SECONDS + dice.below(14_000_000));
                row.text("{\"website\": " + dice.perMille(300) + ", \"guarantee\": null, \"note\": \""
                                + (dice.perMille(20) ? "含\\\"引号\\\"与\\n换行" : "") + "\"}")
                        .end();
            }
        }
    }

    private static void abnormal(City city, Row row) {
        for (long i = 0; i < city.companies(); i++) {
            Dice dice = city.dice("market.abnormal", i);
            if (!dice.perMille(70)) {
                continue;
            }
            long listed = Days.TODAY - dice.between(20, 1_200);
            row.number(i)
                    .number(i)
                    .text(dice.pick("通过登记的住所无法联系", "未按规定公示年度报告", "公示信息隐瞒真实情况"))
                    .date(listed);
            row.dateOrNone(dice.perMille(400) ? Math.min(Days.TODAY, listed + dice.between(10, 300)) : Row.MISSING)
                    .end();
        }
    }

    private static void licences(City city, Row row) {
        String[] types = {"营业执照", "食品经营许可证", "特种设备使用登记证", "医疗器械经营许可证"};
        String owner = city.departmentCode(1);
        for (long i = 0; i < city.companies(); i++) {
            Company c = city.company(i);
            Dice dice = city.dice("market.licence", i);
            int type = dice.perMille(700) ? 0 : 1 + dice.below(3);
            long issued = Math.max(c.registered(), Days.TODAY - dice.between(30, 3_000));
            String id = ELicenceIdentifier.of(
                            owner + Days.padded(type + 1, 3), owner, Days.compact(issued) + Days.padded(i, 6), "001")
                    .text();
            if (c.is(Plant.BAD_LICENCE_CHECK)) {
                char check = id.charAt(id.length() - 1);
                id = id.substring(0, id.length() - 1) + (check == 'K' ? 'L' : 'K');
            }
            row.number(i)
                    .text(id)
                    .text(types[type])
                    .text(c.code())
                    .text(c.name())
                    .date(issued);
            row.dateOrNone(type == 0 ? Row.MISSING : issued + 1826);
            row.text(c.cancelled() != Row.MISSING ? "注销" : type > 0 && issued + 1826 < Days.TODAY ? "过期" : "有效");
            if (c.is(Plant.BAD_LICENCE_CHECK)) {
                row.plant(Plant.BAD_LICENCE_CHECK, c.ordinal(), "elicence_no");
            }
            row.end();
        }
    }

    /** The day a planted pharmacy lost its licence. */
    static long revokedOn(City city, Company pharmacy) {
        return Days.TODAY - city.dice("revoked", pharmacy.index()).between(90, 200);
    }

    private static void pharmacyLicences(City city, Row row) {
        for (int i = 0; i < city.pharmacies(); i++) {
            Company c = city.company(i);
            Dice dice = city.dice("market.pharmacy_licence", i);
            boolean revoked = c.is(Plant.LICENCE_REVOKED_BUT_SELLING);
            long issued = Days.TODAY - dice.between(300, 1_500);
            row.text(city.folder().word("province-initial") + "CB0101" + Days.padded(i, 5))
                    .text(c.code())
                    .text(c.name())
                    .text(Names.surname(dice) + Names.given(dice, Names.Sex.FEMALE));
            row.date(issued)
                    .date(issued + 1826)
                    .text(revoked ? "吊销" : "有效")
                    .dateOrNone(revoked ? revokedOn(city, c) : Row.MISSING);
            if (revoked) {
                row.plant(
                        Plant.LICENCE_REVOKED_BUT_SELLING,
                        c.ordinal(),
                        "holder_uscc",
                        "pharmacy_name",
                        "status",
                        "revoked_on");
            }
            row.end();
        }
    }

    private static void penalties(City city, Row row) {
        for (long i = 0; i < city.count(600, 30); i++) {
            Dice dice = city.dice("market.penalty", i);
            Company c = city.company(dice.below(city.companies()));
            long decided = Days.TODAY - dice.between(3, 1_400);
            row.text("%s市监处罚〔%d〕%05d号".formatted(city.folder().word("initial"), Days.year(decided), i))
                    .text(c.name())
                    .text(dice.perMille(900) ? c.code() : null);
            row.text(dice.pick("销售不符合食品安全标准的食品", "发布虚假广告", "未按规定明码标价", "无证经营", "计量器具未检定"));
            row.decimal(dice.between(5, 3_000) * 10_000L, 2).date(decided).end();
        }
    }

    private static void inspections(City city, Row row) {
        for (long i = 0; i < city.count(3_000, 60); i++) {
            Dice dice = city.dice("market.inspection", i);
            boolean failed = dice.perMille(25);
            row.text("SC" + city.folder().code() + Days.padded(i, 10))
                    .text(shopCode(city, dice.below(shopCount(city))))
                    .text(dice.pick("豆芽", "草鱼", "白酒", "糕点", "食用油", "青菜", "酱油"));
            row.date(Days.TODAY - dice.below(700)).text(failed ? "不合格" : "合格");
            row.text("[{\"item\": \"%s\", \"value\": %d.%d, \"limit\": 10}]"
                            .formatted(
                                    dice.pick("铅", "苯甲酸", "菌落总数", "农药残留"),
                                    failed ? dice.between(11, 40) : dice.below(9),
                                    dice.below(10)))
                    .end();
        }
    }
}
