package org.qiantang.app.demo;

import java.util.List;
import org.qiantang.app.demo.City.Person;
import org.qiantang.app.demo.City.Role;
import org.qiantang.app.demo.Names.Sex;

/** 民政局: marriages, deaths, support for the poor and the old, associations, communities. */
final class CivilAffairs {
    private CivilAffairs() {}

    static SourceSystem system() {
        return SourceSystem.database(
                        "civil_affairs",
                        List.of(
                                Table.of("community", "城乡社区（村）", """
                                community_code | varchar(12)* | 社区（村）代码
                                community_name | varchar(60)! | 社区（村）名称
                                street_code | varchar(9)! | 街道（乡镇）代码
                                street_name | varchar(60)! | 街道（乡镇）名称
                                district_code | char(6)! | 区县代码 | police.xzqh.qhdm
                                is_village | boolean! | 是否为村
                                households | integer! | 户数
                                future_community | boolean! | 是否未来社区创建点
                                """, CivilAffairs::communities),
                                Table.of("marriage_registration", "婚姻登记", """
                                cert_no | varchar(24)* | 婚姻登记证字号
                                husband_id_no | varchar(18)! | 男方身份证号 | police.resident.id_number
                                husband_name | varchar(60)! | 男方姓名
                                wife_id_no | varchar(18)! | 女方身份证号 | police.resident.id_number
                                wife_name | varchar(60)! | 女方姓名
                                reg_date | varchar(10)! | 登记日期（文本）
                                reg_kind | varchar(10)! | 登记类型
                                office | varchar(60)! | 登记机关
                                """, CivilAffairs::marriages),
                                Table.of("death_registration", "死亡（火化）登记", """
                                cremation_no | varchar(20)* | 火化证编号
                                id_no | varchar(18)! | 死者身份证号 | police.resident.id_number
                                name | varchar(60)! | 死者姓名
                                death_date | date! | 死亡日期
                                cremated_at | timestamp! | 火化时间
                                funeral_home | varchar(60)! | 殡仪馆
                                relative_name | varchar(60) | 家属姓名
                                relative_phone | varchar(20) | 家属电话
                                """, CivilAffairs::deaths),
                                Table.of("low_income_family", "最低生活保障家庭", """
                                family_id | bigint* | 家庭编号
                                head_id_no | varchar(18)! | 户主身份证号 | police.resident.id_number
                                head_name | varchar(60)! | 户主姓名
                                members | smallint! | 保障人数
                                monthly_amount | numeric(10,2)! | 月保障金（元）
                                category | varchar(20)! | 类别
                                approved_on | date! | 批准日期
                                community_code | varchar(12)! | 社区（村）代码 | community.community_code
                                survey | jsonb | 入户核查结果
                                """, CivilAffairs::lowIncome),
                                Table.of("elderly_allowance", "高龄津贴发放", """
                                payment_id | bigint* | 发放编号
                                id_no | varchar(18)! | 身份证号 | police.resident.id_number
                                name | varchar(60)! | 姓名
                                pay_month | char(6)! | 发放年月
                                amount | numeric(8,2)! | 金额（元）
                                bank_account | varchar(24) | 银行账号
                                """, CivilAffairs::allowances),
                                Table.of("social_organisation", "社会组织", """
                                uscc | varchar(18)* | 统一社会信用代码
                                org_name | varchar(120)! | 名称
                                org_type | varchar(20)! | 类型
                                legal_person | varchar(60)! | 法定代表人
                                legal_person_id_no | varchar(18)! | 法定代表人身份证号 | police.resident.id_number
                                registered_on | date! | 成立日期
                                status | varchar(10)! | 状态
                                """, CivilAffairs::organisations),
                                Table.of("nursing_home", "养老机构", """
                                home_id | integer* | 机构编号
                                home_name | varchar(80)! | 机构名称
                                uscc | varchar(18)! | 统一社会信用代码
                                district_code | char(6)! | 区县代码 | police.xzqh.qhdm
                                beds | integer! | 核定床位
                                occupied | integer! | 在住人数
                                star_level | smallint | 等级
                                """, CivilAffairs::nursingHomes),
                                Table.of("nursing_home_resident", "养老机构入住老人", """
                                stay_id | bigint* | 入住编号
                                home_id | integer! | 机构编号 | nursing_home.home_id
                                id_no | varchar(18)! | 身份证号 | police.resident.id_number
                                name | varchar(60)! | 姓名
                                care_level | varchar(10)! | 护理等级
                                moved_in | date! | 入住日期
                                """, CivilAffairs::nursingStays)))
                .with(
                        List.of(),
                        List.of(
                                "CREATE VIEW v_low_income_active AS SELECT family_id, head_name, monthly_amount FROM low_income_family WHERE monthly_amount > 0",
                                "COMMENT ON VIEW v_low_income_active IS '在保低保家庭'"));
    }

    private static void communities(City city, Row row) {
        for (Places.Community c : city.places().communities()) {
            Dice dice = city.dice("civil_affairs.community", c.index());
            Places.Street s = city.places().streets().get(c.street());
            row.text(c.code())
                    .text(c.name())
                    .text(s.code())
                    .text(s.name())
                    .text(city.places().districts().get(c.district()).code());
            row.flag(c.name().endsWith("村"))
                    .number(c.households())
                    .flag(dice.perMille(180))
                    .end();
        }
    }

    private static void marriages(City city, Row row) {
        for (long h = 0; h < city.households(); h++) {
            if (city.sizeOf(h) < 2) {
                continue;
            }
            Person head = city.person(city.headOf(h));
            Person spouse = city.person(city.headOf(h) + 1);
            Dice dice = city.dice("civil_affairs.marriage", h);
            boolean planted = head.is(Plant.MARRIED_BUT_SINGLE) || head.is(Plant.IMPOSSIBLE_DATE);
            if ((head.age() > 66 || !dice.perMille(720)) && !planted) {
                continue;
            }
            Person husband = head.sex() == Sex.MALE ? head : spouse;
            Person wife = head.sex() == Sex.MALE ? spouse : head;
            long day = Math.min(
                    Days.TODAY - 30, Math.max(head.born(), spouse.born()) + (long) (22.5 * 365.25) + dice.below(1500));
            row.text("J%s00-%s-%07d"
                    .formatted(city.folder().code(), Days.text(day).substring(0, 4), h));
            row.text(husband.idNumber())
                    .text(husband.name())
                    .text(wife.idNumber())
                    .text(wife.name());
            row.text(head.is(Plant.IMPOSSIBLE_DATE) ? Days.text(day).substring(0, 4) + "-02-30" : Days.text(day));
            row.text(dice.perMille(930) ? "结婚登记" : "补领结婚证")
                    .text(city.folder().name() + city.address(h).district().name() + "民政局婚姻登记处");
            if (planted) {
                row.plant(
                        head.is(Plant.IMPOSSIBLE_DATE) ? Plant.IMPOSSIBLE_DATE : Plant.MARRIED_BUT_SINGLE,
                        head.ordinal(),
                        "husband_id_no",
                        "wife_id_no",
                        "reg_date");
            }
            row.end();
        }
    }

    private static void deaths(City city, Row row) {
        String[] funeralHomes = city.folder().words("funeral-homes").toArray(String[]::new);
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            if (p.alive()) {
                continue;
            }
            Dice dice = city.dice("civil_affairs.death", i);
            Person relative = city.person(city.headOf(p.household()));
            row.text("HH%s%06d".formatted(Days.text(p.died()).substring(0, 4), i))
                    .text(p.idNumber())
                    .text(p.name());
            row.date(p.died()).time((p.died() + 2) * Days.SECONDS + dice.between(6, 15) * 3600L);
            row.text(dice.pick(funeralHomes));
            boolean other = relative.index() != i;
            row.text(other ? relative.name() : null).text(other ? relative.phone() : null);
            if (p.is(Plant.DEAD_BUT_PENSION) || p.is(Plant.DEAD_BUT_ALLOWANCE)) {
                row.plant(
                        p.is(Plant.DEAD_BUT_PENSION) ? Plant.DEAD_BUT_PENSION : Plant.DEAD_BUT_ALLOWANCE,
                        p.ordinal(),
                        "id_no",
                        "name",
                        "death_date");
            }
            row.end();
        }
    }

    private static void lowIncome(City city, Row row) {
        for (long h = 0; h < city.households(); h++) {
            Person head = city.person(city.headOf(h));
            Dice dice = city.dice("civil_affairs.low_income", h);
            boolean planted = head.is(Plant.LOW_INCOME_WITH_PROPERTY);
            if (!head.alive() || (!planted && !dice.perMille(25))) {
                continue;
            }
            int members = city.sizeOf(h);
            row.number(h)
                    .text(head.idNumber())
                    .text(head.name())
                    .number(members)
                    .decimal((90_000L + dice.below(30_000)) * members, 2);
            row.text(dice.pick("因病", "因残", "年老", "失业", "其他")).date(Days.TODAY - dice.between(60, 2_000));
            row.text(city.address(h).community().code());
            row.text("{\"visited\": %d, \"rooms\": %d, \"officers\": [\"%s\", \"%s\"]}"
                    .formatted(
                            dice.between(1, 3),
                            dice.between(1, 3),
                            Names.surname(dice) + "某",
                            Names.surname(dice) + "某"));
            if (planted) {
                row.plant(Plant.LOW_INCOME_WITH_PROPERTY, head.ordinal(), "head_id_no", "head_name", "monthly_amount");
            }
            row.end();
        }
    }

    private static void allowances(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            if (p.age() < 80) {
                continue;
            }
            Dice dice = city.dice("civil_affairs.allowance", i);
            for (int back = 3; back >= 1; back--) {
                long month = Days.monthsAgo(back);
                boolean planted = p.is(Plant.DEAD_BUT_ALLOWANCE);
                if (!p.aliveOn(month) && !planted) {
                    continue;
                }
                row.number(i * 10 + back).text(p.idNumber()).text(p.name()).text(Days.month(month));
                row.decimal(p.age() >= 100 ? 80_000 : p.age() >= 90 ? 20_000 : 10_000, 2)
                        .text("6200" + dice.digits(15));
                if (planted) {
                    row.plant(Plant.DEAD_BUT_ALLOWANCE, p.ordinal(), "id_no", "name", "pay_month", "amount");
                }
                row.end();
            }
        }
    }

    private static void organisations(City city, Row row) {
        long count = city.count(300, 20);
        for (long i = 0; i < count; i++) {
            Dice dice = city.dice("civil_affairs.organisation", i);
            Person p = city.grownUp(dice);
            boolean association = dice.perMille(450);
            CityFolder.District d = city.places()
                    .districts()
                    .get(dice.below(city.places().districts().size()));
            row.text(City.creditCode((association ? "51" : "52") + d.code() + "MJ" + Days.padded(i, 6)));
            row.text(city.folder().name()
                    + d.name()
                    + city.brand(i + 20_000)
                    + (association ? dice.pick("商会", "志愿者协会", "体育协会") : dice.pick("养老服务中心", "社会工作服务中心", "幼儿园")));
            row.text(association ? "社会团体" : "民办非企业单位").text(p.name()).text(p.idNumber());
            row.date(Days.of(2005, 1, 1) + dice.below(7_500))
                    .text(dice.perMille(930) ? "正常" : dice.pick("注销", "撤销"))
                    .end();
        }
    }

    private static int homes(City city) {
        return (int) city.count(40, 6);
    }

    private static void nursingHomes(City city, Row row) {
        for (int i = 0; i < homes(city); i++) {
            Dice dice = city.dice("civil_affairs.nursing_home", i);
            CityFolder.District d = city.places().district(i);
            int beds = dice.between(40, 400);
            row.number(i)
                    .text(d.name() + city.brand(i + 30_000) + "颐养院")
                    .text(City.creditCode("52" + d.code() + "MJ9" + Days.padded(i, 5)));
            row.text(d.code()).number(beds).number(beds * dice.between(40, 98) / 100);
            if (dice.perMille(850)) {
                row.number(dice.between(1, 5)).end();
            } else {
                row.none().end();
            }
        }
    }

    private static void nursingStays(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            Dice dice = city.dice("civil_affairs.nursing_stay", i);
            if (p.age() < 75 || !p.alive() || p.role() == Role.CHILD || !dice.perMille(110)) {
                continue;
            }
            row.number(i).number(dice.below(homes(city))).text(p.idNumber()).text(p.name());
            row.text(dice.pick("自理", "半失能", "失能"))
                    .date(Days.TODAY - dice.between(20, 1_500))
                    .end();
        }
    }
}
