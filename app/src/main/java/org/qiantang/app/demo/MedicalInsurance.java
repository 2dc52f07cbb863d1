package org.qiantang.app.demo;

import java.util.List;
import java.util.stream.IntStream;
import org.qiantang.app.demo.City.Company;
import org.qiantang.app.demo.City.Person;

/** 医保局: who is insured, what pharmacies hold and sell. Column names follow the national interface of designated institutions. */
final class MedicalInsurance {
    private static final int DRUGS = 160;
    private static final String[] DRUG_CODES =
            IntStream.range(0, DRUGS).mapToObj(MedicalInsurance::drugCode).toArray(String[]::new);
    private static final String[] DRUG_NAMES = {
        "阿莫西林胶囊", "布洛芬缓释胶囊", "二甲双胍片", "氨氯地平片", "阿托伐他汀钙片", "奥美拉唑肠溶胶囊", "头孢克肟颗粒", "缬沙坦胶囊", "氯雷他定片", "蒙脱石散"
    };

    private MedicalInsurance() {}

    static SourceSystem system() {
        return SourceSystem.database(
                "medical_insurance",
                List.of(
                        Table.of("fixmedins_b", "定点医药机构", """
                        fixmedins_code | varchar(12)* | 定点医药机构编号
                        fixmedins_name | varchar(120)! | 定点医药机构名称
                        fixmedins_type | char(1)! | 类型（1医院2药店）
                        uscc | varchar(18)! | 统一社会信用代码
                        admdvs | char(6)! | 医保区划 | police.xzqh.qhdm
                        """, MedicalInsurance::institutions),
                        Table.of("psn_info_b", "人员基本信息", """
                        psn_no | varchar(30)* | 人员编号
                        psn_cert_type | char(2)! | 人员证件类型
                        certno | varchar(18)! | 证件号码 | police.resident.id_number
                        psn_name | varchar(60)! | 人员姓名
                        gend | char(1)! | 性别
                        naty | char(2) | 民族
                        brdy | date! | 出生日期
                        """, MedicalInsurance::persons),
                        Table.of("psn_insu_d", "人员参保信息", """
                        psn_insu_rlts_id | bigint* | 参保关系编号
                        psn_no | varchar(30)! | 人员编号 | psn_info_b.psn_no
                        insutype | char(3)! | 险种（310职工390居民）
                        psn_insu_stas | char(1)! | 参保状态
                        psn_insu_date | date! | 参保日期
                        insuplc_admdvs | char(6)! | 参保地医保区划 | police.xzqh.qhdm
                        emp_uscc | varchar(18) | 单位统一社会信用代码 | market.enterprise.uscc
                        """, MedicalInsurance::coverage),
                        Table.of("drug_catalogue", "医保药品目录", """
                        med_list_codg | varchar(23)* | 药品代码
                        reg_name | varchar(60)! | 注册名称
                        spec | varchar(30)! | 规格
                        chrgitm_lv | char(2)! | 甲乙类
                        pric_uplmt_amt | numeric(16,6)! | 支付上限（元）
                        """, MedicalInsurance::drugs),
                        Table.of("setl_d", "结算记录", """
                        setl_id | bigint* | 结算编号
                        psn_no | varchar(30)! | 人员编号 | psn_info_b.psn_no
                        fixmedins_code | varchar(12)! | 机构编号 | fixmedins_b.fixmedins_code
                        med_type | char(2)! | 医疗类别
                        setl_time | timestamp! | 结算时间
                        medfee_sumamt | numeric(16,2)! | 费用总额（元）
                        fund_pay_sumamt | numeric(16,2)! | 基金支付（元）
                        acct_pay | numeric(16,2)! | 账户支付（元）
                        psn_cash_pay | numeric(16,2)! | 现金支付（元）
                        """, MedicalInsurance::settlements),
                        Table.of("fee_list_d", "费用明细", """
                        setl_id | bigint* | 结算编号 | setl_d.setl_id
                        feedetl_sn | smallint* | 明细序号
                        med_list_codg | varchar(23)! | 药品代码 | drug_catalogue.med_list_codg
                        cnt | numeric(16,4)! | 数量
                        pric | numeric(16,6)! | 单价（元）
                        det_item_fee_sumamt | numeric(16,2)! | 金额（元）
                        """, MedicalInsurance::fees),
                        Table.of("pharmacy_stock", "药店库存", """
                        fixmedins_code | varchar(12)* | 药店编号 | fixmedins_b.fixmedins_code
                        med_list_codg | varchar(23)* | 药品代码 | drug_catalogue.med_list_codg
                        stock_qty | integer! | 库存数量
                        batch_no | varchar(20)! | 批号
                        expy_date | date! | 有效期至
                        counted_at | timestamptz! | 盘点时间
                        """, MedicalInsurance::stock),
                        Table.of("pharmacy_sale", "药店售药记录", """
                        sale_id | bigint* | 售药编号
                        fixmedins_code | varchar(12)! | 药店编号 | fixmedins_b.fixmedins_code
                        med_list_codg | varchar(23)! | 药品代码 | drug_catalogue.med_list_codg
                        psn_no | varchar(30) | 购药人编号 | psn_info_b.psn_no
                        qty | integer! | 数量
                        amount | numeric(12,2)! | 金额（元）
                        sold_at | timestamptz! | 售药时间
                        trace_codes | text[] | 药品追溯码
                        """, MedicalInsurance::sales),
                        Table.of("慢病备案", "门诊慢特病备案（表名沿用旧系统）", """
                        备案编号 | bigint* | 备案编号
                        人员编号 | varchar(30)! | 人员编号 | psn_info_b.psn_no
                        病种名称 | varchar(40)! | 病种名称
                        备案日期 | date! | 备案日期
                        定点机构 | varchar(12)! | 定点机构编号 | fixmedins_b.fixmedins_code
                        """, MedicalInsurance::chronic)));
    }

    static String personNo(City city, long person) {
        return city.folder().code() + "0000" + Days.padded(person * 7 + 1_000_003, 12);
    }

    static String hospitalCode(City city, int i) {
        return "H" + city.places().district(i).code() + Days.padded(i + 1, 5);
    }

    static String pharmacyCode(City city, long i) {
        return "P" + city.places().district(i).code() + Days.padded(i + 1, 5);
    }

    private static String drugCode(int i) {
        return "XJ%02d%s%s%03d%s%03d%03d%06d"
                .formatted(
                        i % 9 + 1,
                        "CA",
                        (char) ('A' + i % 26),
                        i,
                        (char) ('A' + i % 20),
                        i % 7 + 1,
                        i % 40 + 1,
                        100_000 + i);
    }

    private static String drug(int i) {
        return DRUG_CODES[i];
    }

    private static void institutions(City city, Row row) {
        for (int i = 0; i < city.hospitals(); i++) {
            row.text(hospitalCode(city, i))
                    .text(Health.hospitalName(city, i))
                    .text("1")
                    .text(Health.hospitalCode(city, i))
                    .text(city.places().district(i).code())
                    .end();
        }
        for (int i = 0; i < city.pharmacies(); i++) {
            Company c = city.company(i);
            row.text(pharmacyCode(city, i))
                    .text(c.name())
                    .text("2")
                    .text(c.code())
                    .text(c.district().code());
            if (c.is(Plant.LICENCE_REVOKED_BUT_SELLING)) {
                row.plant(Plant.LICENCE_REVOKED_BUT_SELLING, c.ordinal(), "fixmedins_name", "uscc");
            }
            row.end();
        }
    }

    private static boolean insured(City city, Person p) {
        return p.plant() != null
                || city.dice("medical_insurance.insured", p.index()).perMille(950);
    }

    private static void persons(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            if (!insured(city, p)) {
                continue;
            }
            String name = p.is(Plant.MIDDLE_DOT)
                    ? p.name()
                            .replace("·", city.dice("medical_insurance.dot", i).pick("．", "•", ""))
                    : p.name();
            row.text(personNo(city, i))
                    .text("01")
                    .text(p.idNumber())
                    .text(name)
                    .text(p.sexCode())
                    .text(p.ethnicGroup())
                    .date(p.born());
            if (p.is(Plant.MIDDLE_DOT) || p.is(Plant.DOUBLE_COVERAGE)) {
                row.plant(
                        p.is(Plant.MIDDLE_DOT) ? Plant.MIDDLE_DOT : Plant.DOUBLE_COVERAGE,
                        p.ordinal(),
                        "certno",
                        "psn_name");
            }
            row.end();
        }
    }

    private static void coverage(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            if (!insured(city, p)) {
                continue;
            }
            Dice dice = city.dice("medical_insurance.coverage", i);
            String area = city.address(p.household()).district().code();
            boolean employee = p.employer() >= 0 || p.retired();
            boolean twice = p.is(Plant.DOUBLE_COVERAGE);
            row.number(i * 10)
                    .text(personNo(city, i))
                    .text(employee ? "310" : "390")
                    .text(p.alive() ? "1" : "4")
                    .date(Days.of(2012, 1, 1) + dice.below(5_000));
            row.text(area).text(p.employer() >= 0 ? city.company(p.employer()).code() : null);
            if (twice) {
                row.plant(Plant.DOUBLE_COVERAGE, p.ordinal(), "psn_no", "insutype", "psn_insu_stas");
            }
            row.end();
            if (twice) {
                row.number(i * 10 + 1)
                        .text(personNo(city, i))
                        .text("390")
                        .text("1")
                        .date(Days.of(2025, 1, 1))
                        .text(area)
                        .none();
                row.plant(Plant.DOUBLE_COVERAGE, p.ordinal(), "psn_no", "insutype", "psn_insu_stas")
                        .end();
            }
        }
    }

    private static void drugs(City city, Row row) {
        for (int i = 0; i < DRUGS; i++) {
            Dice dice = city.dice("medical_insurance.drug", i);
            row.text(drug(i))
                    .text(DRUG_NAMES[i % DRUG_NAMES.length])
                    .text(dice.pick("0.25g", "0.3g", "5mg", "20mg") + "*" + dice.pick("10", "14", "24", "30"));
            row.text(dice.pick("01", "02", "02"))
                    .decimal(dice.between(3, 900) * 100_000L, 6)
                    .end();
        }
    }

    private static int settlementsOf(City city, Person p) {
        return p.alive() && insured(city, p)
                ? city.dice("medical_insurance.settlements", p.index()).below(3)
                : 0;
    }

    private static void settlements(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            int count = settlementsOf(city, city.person(i));
            for (int s = 0; s < count; s++) {
                Dice dice = city.dice("medical_insurance.settlement", i * 10 + s);
                long total = feeSum(city, i * 10 + s);
                long fund = total * dice.between(40, 75) / 100;
                long account = (total - fund) / 2;
                row.number(i * 10 + s)
                        .text(personNo(city, i))
                        .text(hospitalCode(city, dice.below(city.hospitals())))
                        .text("11");
                row.time((Days.TODAY - dice.between(1, 360)) * Days.SECONDS + dice.between(28_800, 64_000));
                row.decimal(total, 2)
                        .decimal(fund, 2)
                        .decimal(account, 2)
                        .decimal(total - fund - account, 2)
                        .end();
            }
        }
    }

    /** The lines of a settlement: drug, pieces, price in fen. */
    private static int[][] feeLines(City city, long settlement) {
        Dice dice = city.dice("medical_insurance.fee", settlement);
        int[][] lines = new int[dice.between(1, 2)][];
        for (int l = 0; l < lines.length; l++) {
            lines[l] = new int[] {dice.below(DRUGS), dice.between(1, 5), dice.between(300, 9_000)};
        }
        return lines;
    }

    private static long feeSum(City city, long settlement) {
        long sum = 0;
        for (int[] line : feeLines(city, settlement)) {
            sum += (long) line[1] * line[2];
        }
        return sum;
    }

    private static void fees(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            int count = settlementsOf(city, city.person(i));
            for (int s = 0; s < count; s++) {
                int[][] lines = feeLines(city, i * 10 + s);
                for (int l = 0; l < lines.length; l++) {
                    row.number(i * 10 + s).number(l + 1).text(drug(lines[l][0])).decimal(lines[l][1] * 10_000L, 4);
                    row.decimal(lines[l][2] * 10_000L, 6)
                            .decimal((long) lines[l][1] * lines[l][2], 2)
                            .end();
                }
            }
        }
    }

    private static void stock(City city, Row row) {
        for (int i = 0; i < city.pharmacies(); i++) {
            Company c = city.company(i);
            Dice dice = city.dice("medical_insurance.stock", i);
            int from = dice.below(DRUGS);
            for (int d = 0; d < 40; d++) {
                boolean planted = d == 7 && c.is(Plant.NEGATIVE_STOCK);
                row.text(pharmacyCode(city, i))
                        .text(drug((from + d) % DRUGS))
                        .number(planted ? -dice.between(1, 40) : dice.below(300));
                row.text("2026" + Days.padded(dice.below(1_000_000), 6)).date(Days.TODAY + dice.between(-20, 900));
                row.time(Days.TODAY * Days.SECONDS + 20 * 3600 + dice.below(3_600));
                if (planted) {
                    row.plant(Plant.NEGATIVE_STOCK, c.ordinal(), "stock_qty");
                }
                row.end();
            }
        }
    }

    private static void sales(City city, Row row) {
        for (long i = 0; i < city.pharmacies(); i++) {
            Company c = city.company(i);
            for (int s = 0; s < 90; s++) {
                Dice dice = city.dice("medical_insurance.sale", i * 1_000 + s);
                boolean after = c.is(Plant.LICENCE_REVOKED_BUT_SELLING) && s < 5;
                Person buyer = city.person(dice.below(city.persons()));
                int qty = dice.between(1, 4);
                long day = after ? Market.revokedOn(city, c) + dice.between(5, 60) : Days.TODAY - dice.between(0, 89);
                boolean known = buyer.alive() && insured(city, buyer) && dice.perMille(800);
                if (c.is(Plant.LICENCE_REVOKED_BUT_SELLING) && !after) {
                    day = Market.revokedOn(city, c) - dice.between(1, 90);
                }
                row.number(i * 1_000 + s)
                        .text(pharmacyCode(city, i))
                        .text(drug(dice.below(DRUGS)))
                        .text(known ? personNo(city, buyer.index()) : null);
                row.number(qty)
                        .decimal((long) qty * dice.between(800, 6_000), 2)
                        .time(day * Days.SECONDS + dice.between(28_800, 79_000));
                row.text(dice.perMille(700) ? "{8" + dice.digits(19) + "}" : null);
                if (after) {
                    row.plant(Plant.LICENCE_REVOKED_BUT_SELLING, c.ordinal(), "fixmedins_code", "sold_at");
                }
                row.end();
            }
        }
    }

    private static void chronic(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            Dice dice = city.dice("medical_insurance.chronic", i);
            if (p.age() < 45 || !p.alive() || !insured(city, p) || !dice.perMille(160)) {
                continue;
            }
            row.number(i)
                    .text(personNo(city, i))
                    .text(dice.pick("高血压", "糖尿病", "慢性阻塞性肺病", "冠心病"))
                    .date(Days.TODAY - dice.between(30, 2_000));
            row.text(hospitalCode(city, dice.below(city.hospitals()))).end();
        }
    }
}
