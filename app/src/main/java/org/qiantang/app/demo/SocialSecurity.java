package org.qiantang.app.demo;

import java.util.List;
import org.qiantang.app.demo.City.Company;
import org.qiantang.app.demo.City.Person;

/** 人社局: who works where, who pays in, who draws a pension. */
final class SocialSecurity {
    private static final int CONTRIBUTION_MONTHS = 3;

    private SocialSecurity() {}

    static SourceSystem system() {
        return SourceSystem.database(
                        "social_security",
                        List.of(
                                Table.of("employer", "参保单位", """
                                employer_id | bigint* | 单位编号
                                employer_name | varchar(120)! | 单位名称
                                uscc | varchar(18)! | 统一社会信用代码 | market.enterprise.uscc
                                contact_phone | varchar(20) | 联系电话
                                first_insured_on | date! | 首次参保日期
                                """, SocialSecurity::employers),
                                Table.of("insured_person", "参保人员", """
                                person_no | varchar(16)* | 个人编号
                                id_no | varchar(18)! | 身份证号 | police.resident.id_number
                                name | varchar(60)! | 姓名
                                employer_id | bigint | 参保单位编号 | employer.employer_id
                                kind | insured_kind! | 参保类别
                                joined_on | date! | 参保日期
                                mobile | varchar(20) | 手机号
                                """, SocialSecurity::insured),
                                Table.of("contribution", "月度缴费明细", """
                                person_no | varchar(16)* | 个人编号 | insured_person.person_no
                                pay_month | integer* | 费款所属期（yyyyMM）
                                employer_id | bigint! | 单位编号 | employer.employer_id
                                base_yuan | numeric(10,2)! | 缴费基数（元）
                                person_part | numeric(10,2)! | 个人缴纳（元）
                                employer_part | numeric(10,2)! | 单位缴纳（元）
                                """, SocialSecurity::contributions),
                                Table.of("pension_payment", "养老金发放", """
                                payment_id | bigint* | 发放编号
                                person_no | varchar(16)! | 个人编号 | insured_person.person_no
                                id_no | varchar(18)! | 身份证号 | police.resident.id_number
                                pay_month | integer! | 发放年月（yyyyMM）
                                amount | numeric(10,2)! | 发放金额（元）
                                bank_account | varchar(24)! | 银行账号
                                paid_at | timestamptz! | 到账时间
                                """, SocialSecurity::pensions),
                                Table.of("unemployment_benefit", "失业保险待遇", """
                                benefit_id | bigint* | 待遇编号
                                person_no | varchar(16)! | 个人编号 | insured_person.person_no
                                months | smallint! | 核定月数
                                monthly_amount | numeric(10,2)! | 月标准（元）
                                approved_on | date! | 核定日期
                                elapsed | interval! | 受理用时
                                """, SocialSecurity::benefits),
                                Table.of("labour_contract", "劳动合同备案", """
                                contract_no | varchar(24)* | 合同备案号
                                person_no | varchar(16)! | 个人编号 | insured_person.person_no
                                employer_id | bigint! | 单位编号 | employer.employer_id
                                position | varchar(40) | 岗位
                                signed_on | date! | 签订日期
                                ends_on | date | 终止日期（空为无固定期限）
                                """, SocialSecurity::contracts),
                                Table.of("skill_certificate", "职业技能等级证书", """
                                cert_no | varchar(30)* | 证书编号
                                id_no | varchar(18)! | 身份证号 | police.resident.id_number
                                name | varchar(60)! | 姓名
                                occupation | varchar(40)! | 职业
                                level | smallint! | 等级
                                issued_on | date! | 发证日期
                                """, SocialSecurity::skills)))
                .with(
                        List.of("CREATE TYPE insured_kind AS ENUM ('职工', '城乡居民', '灵活就业', '退休')"),
                        List.of(
                                "CREATE VIEW v_employer_headcount AS SELECT employer_id, count(*) AS persons FROM insured_person GROUP BY 1",
                                "COMMENT ON VIEW v_employer_headcount IS '单位参保人数'"));
    }

    static String personNo(City city, long person) {
        return city.folder().code() + "0" + Days.padded(person, 9);
    }

    private static boolean insured(Person p) {
        return p.age() >= 16 && !p.pupil();
    }

    private static void employers(City city, Row row) {
        for (long i = 0; i < city.companies(); i++) {
            Company c = city.company(i);
            String name = c.name();
            String code = c.code();
            if (c.is(Plant.COMPANY_SHORT_NAME)) {
                name = c.shortName();
            } else if (c.is(Plant.COMPANY_BRACKETS)) {
                name = name.replace('（', '(').replace('）', ')');
            } else if (c.is(Plant.BAD_USCC_CHECK)) {
                code = code.substring(0, 17) + (code.charAt(17) == '7' ? '8' : '7');
            }
            row.number(i + 1).text(name).text(code).text(c.phone()).date(c.registered() + 40);
            if (c.is(Plant.COMPANY_SHORT_NAME) || c.is(Plant.COMPANY_BRACKETS)) {
                row.plant(
                        c.is(Plant.COMPANY_SHORT_NAME) ? Plant.COMPANY_SHORT_NAME : Plant.COMPANY_BRACKETS,
                        c.ordinal(),
                        "uscc",
                        "employer_name");
            } else if (c.is(Plant.BAD_USCC_CHECK)) {
                row.plant(Plant.BAD_USCC_CHECK, c.ordinal(), "uscc", "employer_name");
            }
            row.end();
        }
    }

    private static void insured(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            if (!insured(p)) {
                continue;
            }
            Dice dice = city.dice("social_security.insured", i);
            String name = p.is(Plant.FORMER_NAME) ? Police.formerName(city, p) : p.name();
            if (p.is(Plant.RARE_CHARACTER)) {
                name = p.surname() + Names.insteadOfRare(p.ordinal());
            }
            row.text(personNo(city, i)).text(p.idNumber()).text(name);
            if (p.employer() >= 0) {
                row.number(p.employer() + 1);
            } else {
                row.none();
            }
            row.text(p.employer() >= 0 ? "职工" : p.retired() ? "退休" : dice.pick("城乡居民", "灵活就业"));
            row.date(Math.max(Days.of(1992, 1, 1), p.born() + 16 * 366L) + dice.below(300))
                    .text(dice.perMille(850) ? p.phone() : null);
            if (p.is(Plant.FORMER_NAME) || p.is(Plant.RARE_CHARACTER)) {
                row.plant(
                        p.is(Plant.FORMER_NAME) ? Plant.FORMER_NAME : Plant.RARE_CHARACTER,
                        p.ordinal(),
                        "id_no",
                        "name");
            }
            row.end();
        }
    }

    private static void contributions(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            if (p.employer() < 0) {
                continue;
            }
            Company c = city.company(p.employer());
            boolean planted = c.is(Plant.CANCELLED_BUT_CONTRIBUTING);
            Dice dice = city.dice("social_security.contribution", i);
            long base = dice.between(4_812, 24_000) * 100L;
            for (int back = CONTRIBUTION_MONTHS; back >= 1; back--) {
                long month = Days.monthsAgo(back);
                if (c.cancelled() != Row.MISSING && !planted) {
                    continue;
                }
                row.text(personNo(city, i))
                        .number(Integer.parseInt(Days.month(month)))
                        .number(p.employer() + 1)
                        .decimal(base, 2);
                row.decimal(base * 8 / 100, 2).decimal(base * 16 / 100, 2);
                if (planted) {
                    row.plant(Plant.CANCELLED_BUT_CONTRIBUTING, c.ordinal(), "employer_id", "pay_month");
                }
                row.end();
            }
        }
    }

    private static void pensions(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            if (!p.retired()) {
                continue;
            }
            Dice dice = city.dice("social_security.pension", i);
            long amount = dice.between(2_100, 9_800) * 100L + dice.below(100);
            String account = "6217" + dice.digits(15);
            for (int back = CONTRIBUTION_MONTHS; back >= 1; back--) {
                long month = Days.monthsAgo(back);
                boolean planted = p.is(Plant.DEAD_BUT_PENSION);
                if (!p.aliveOn(month + 12) && !planted) {
                    continue;
                }
                row.number(i * 10 + back)
                        .text(personNo(city, i))
                        .text(p.idNumber())
                        .number(Integer.parseInt(Days.month(month)));
                row.decimal(amount, 2).text(account).time((month + 11) * Days.SECONDS + dice.between(30_000, 60_000));
                if (planted) {
                    row.plant(Plant.DEAD_BUT_PENSION, p.ordinal(), "id_no", "pay_month", "amount");
                }
                row.end();
            }
        }
    }

    private static void benefits(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            Dice dice = city.dice("social_security.benefit", i);
            if (p.age() < 25 || p.age() > 54 || p.employer() >= 0 || !p.alive() || !dice.perMille(120)) {
                continue;
            }
            row.number(i)
                    .text(personNo(city, i))
                    .number(dice.between(2, 24))
                    .decimal(204_800, 2)
                    .date(Days.TODAY - dice.between(10, 600));
            row.text(dice.between(1, 12) + " days " + dice.below(24) + " hours").end();
        }
    }

    private static void contracts(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            Dice dice = city.dice("social_security.contract", i);
            if (p.employer() < 0 || !dice.perMille(700)) {
                continue;
            }
            long signed = Days.TODAY - dice.between(20, 2_000);
            row.text("LD" + city.folder().code() + Days.padded(i, 10))
                    .text(personNo(city, i))
                    .number(p.employer() + 1);
            row.text(dice.pick("工程师", "销售", "会计", "操作工", "保安", "配送员", "店长", "教师", "护工"))
                    .date(signed);
            row.dateOrNone(dice.perMille(250) ? Row.MISSING : signed + 1096).end();
        }
    }

    private static void skills(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            Dice dice = city.dice("social_security.skill", i);
            if (p.age() < 20 || p.age() > 60 || !dice.perMille(100)) {
                continue;
            }
            row.text("S%04d%s0%08d".formatted(dice.between(0, 99), city.folder().code(), i))
                    .text(p.idNumber())
                    .text(p.name());
            row.text(dice.pick("电工", "焊工", "养老护理员", "中式烹调师", "育婴员", "茶艺师"))
                    .number(dice.between(1, 5))
                    .date(Days.TODAY - dice.between(30, 4_000))
                    .end();
        }
    }
}
