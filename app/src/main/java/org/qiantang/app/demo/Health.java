package org.qiantang.app.demo;

import java.util.List;
import org.qiantang.app.demo.City.Person;
import org.qiantang.app.demo.Names.Sex;

/** 卫健委: hospitals and what they found. */
final class Health {
    private static final String[][] TESTS = {
        {"GLU", "葡萄糖", "mmol/L", "390", "610"},
        {"ALT", "丙氨酸氨基转移酶", "U/L", "700", "4000"},
        {"CREA", "肌酐", "umol/L", "4100", "11100"},
        {"WBC", "白细胞计数", "10^9/L", "350", "950"},
        {"HGB", "血红蛋白", "g/L", "11500", "17500"},
        {"TG", "甘油三酯", "mmol/L", "30", "170"},
        {"UA", "尿酸", "umol/L", "15500", "42800"},
        {"TSH", "促甲状腺激素", "mIU/L", "27", "420"}
    };
    private static final String[] CLINICS = {"内科", "外科", "妇产科", "儿科", "骨科", "眼科", "中医科", "急诊科"};

    private Health() {}

    static SourceSystem system() {
        return SourceSystem.database(
                        "health",
                        List.of(
                                Table.of("hospital", "医疗机构", """
                                hospital_id | integer* | 机构序号
                                org_code | varchar(18)! | 统一社会信用代码
                                hospital_name | varchar(80)! | 机构名称
                                level | varchar(10)! | 等级
                                district_code | char(6)! | 区县代码 | police.xzqh.qhdm
                                beds | integer! | 编制床位
                                departments | text[]! | 科室
                                """, Health::hospitals),
                                Table.of("doctor", "执业医师", """
                                doctor_id | integer* | 医师序号
                                hospital_id | integer! | 机构序号 | hospital.hospital_id
                                practice_no | varchar(20)! | 执业证书编号
                                name | varchar(60)! | 姓名
                                id_no | varchar(18)! | 身份证号 | police.resident.id_number
                                clinic | varchar(20)! | 科室
                                title | varchar(20)! | 职称
                                """, Health::doctors),
                                Table.of("patient", "患者主索引", """
                                patient_id | bigint* | 患者主索引号
                                id_type | char(2)! | 证件类型
                                id_no | varchar(20)! | 证件号码 | police.resident.id_number
                                patient_name | varchar(60)! | 姓名
                                gender | char(1)! | 性别
                                birthday | date! | 出生日期
                                phone | varchar(20) | 联系电话
                                live_district | char(6)! | 现住区县 | police.xzqh.qhdm
                                live_address | varchar(200) | 现住址
                                created_at | timestamp! | 建档时间
                                """, Health::patients),
                                Table.of("outpatient_visit", "门诊就诊记录", """
                                visit_id | bigint* | 就诊编号
                                patient_id | bigint! | 患者主索引号 | patient.patient_id
                                hospital_id | integer! | 机构序号 | hospital.hospital_id
                                doctor_id | integer! | 医师序号 | doctor.doctor_id
                                visited_at | timestamptz! | 就诊时间
                                clinic | varchar(20)! | 科室
                                icd10 | varchar(10)! | 诊断编码
                                diagnosis | varchar(60)! | 诊断名称
                                fee | numeric(12,2)! | 费用（元）
                                """, Health::visits),
                                Table.of("lab_report", "检验报告", """
                                report_id | bigint* | 报告编号
                                visit_id | bigint! | 就诊编号 | outpatient_visit.visit_id
                                specimen | varchar(10)! | 标本
                                reported_at | timestamptz! | 报告时间
                                quality_mark | varchar(20) | 互认标识
                                """, Health::labReports),
                                Table.of("lab_result", "检验结果明细", """
                                report_id | bigint* | 报告编号 | lab_report.report_id
                                item_code | varchar(10)* | 项目代码
                                item_name | varchar(40)! | 项目名称
                                value | numeric(12,2)! | 结果值
                                unit | varchar(20)! | 单位
                                low | numeric(12,2)! | 参考下限
                                high | numeric(12,2)! | 参考上限
                                flag | char(1) | 异常提示
                                """, Health::labResults),
                                Table.of("imaging_report", "影像检查报告", """
                                study_uid | varchar(64)* | 检查实例号
                                visit_id | bigint! | 就诊编号 | outpatient_visit.visit_id
                                modality | varchar(4)! | 设备类型
                                body_part | varchar(20)! | 检查部位
                                finding | text! | 影像所见
                                conclusion | text | 诊断意见
                                images | integer! | 图像数
                                reported_at | timestamptz! | 报告时间
                                """, Health::imaging),
                                Table.of("recognition_item", "检查检验互认项目", """
                                item_code | varchar(10)* | 项目代码
                                item_name | varchar(40)! | 项目名称
                                kind | varchar(10)! | 类别
                                valid_days | smallint! | 互认时限（天）
                                scope | varchar(10)! | 互认范围
                                price | numeric(8,2) | 收费标准（元）
                                """, Health::recognition),
                                Table.of("birth_certificate", "出生医学证明", """
                                cert_no | varchar(12)* | 出生证编号
                                child_id_no | varchar(18) | 新生儿身份证号 | police.resident.id_number
                                child_name | varchar(60)! | 新生儿姓名
                                born_at | timestamp! | 出生时间
                                mother_id_no | varchar(18) | 母亲身份证号 | police.resident.id_number
                                weight_g | integer! | 出生体重（克）
                                hospital_id | integer! | 接生机构 | hospital.hospital_id
                                """, Health::births),
                                Table.of("vaccination", "预防接种记录", """
                                record_id | bigint* | 记录编号
                                id_no | varchar(18)! | 受种者身份证号 | police.resident.id_number
                                vaccine | varchar(30)! | 疫苗名称
                                dose | smallint! | 剂次
                                given_on | date! | 接种日期
                                batch_no | varchar(20)! | 批号
                                """, Health::vaccinations)))
                .with(
                        List.of(
                                "CREATE SEQUENCE report_seq START 5000000",
                                "COMMENT ON SEQUENCE report_seq IS '报告编号序列'"),
                        List.of(
                                """
                                CREATE VIEW v_abnormal_lab AS SELECT r.report_id, r.reported_at, l.item_name, l.value, l.unit
                                  FROM lab_report r JOIN lab_result l USING (report_id) WHERE l.flag IS NOT NULL""",
                                "COMMENT ON VIEW v_abnormal_lab IS '异常检验结果'",
                                "CREATE INDEX patient_id_no ON patient (id_no)"));
    }

    static String hospitalName(City city, int i) {
        return city.places().district(i).name()
                + city.brand(i + 70_000)
                + (i % 4 == 0 ? "人民医院" : i % 4 == 1 ? "中医医院" : i % 4 == 2 ? "社区卫生服务中心" : "妇幼保健院");
    }

    static String hospitalCode(City city, int i) {
        return city.institutionCode("12", 100 + i);
    }

    private static void hospitals(City city, Row row) {
        for (int i = 0; i < city.hospitals(); i++) {
            Dice dice = city.dice("health.hospital", i);
            row.number(i + 1)
                    .text(hospitalCode(city, i))
                    .text(hospitalName(city, i))
                    .text(i % 4 == 2 ? "未定级" : dice.pick("三级甲等", "三级乙等", "二级甲等"));
            row.text(city.places().district(i).code())
                    .number(i % 4 == 2 ? 20 : dice.between(150, 1800))
                    .text("{" + String.join(",", CLINICS) + "}")
                    .end();
        }
    }

    private static int doctorCount(City city) {
        return city.hospitals() * 12;
    }

    private static void doctors(City city, Row row) {
        for (int i = 0; i < doctorCount(city); i++) {
            Dice dice = city.dice("health.doctor", i);
            Person p = city.grownUp(dice);
            row.number(i + 1)
                    .number(i % city.hospitals() + 1)
                    .text("110" + city.folder().code() + Days.padded(i, 8))
                    .text(p.name())
                    .text(p.idNumber());
            row.text(CLINICS[dice.below(CLINICS.length)])
                    .text(dice.pick("主任医师", "副主任医师", "主治医师", "住院医师"))
                    .end();
        }
    }

    private static boolean isPatient(City city, Person p) {
        return p.plant() != null || city.dice("health.is_patient", p.index()).perMille(700);
    }

    private static void patients(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            if (!isPatient(city, p)) {
                continue;
            }
            Dice dice = city.dice("health.patient", i);
            City.Address home = city.address(p.household());
            String id = p.idNumber();
            String name = p.name();
            String gender = p.sexCode();
            long birthday = p.born();
            String district = home.district().code();
            String address = home.withinProvince();
            boolean planted = true;
            switch (p.plant()) {
                case MIDDLE_DOT -> name = name.replace("·", dice.pick("•", ".", "", "・"));
                case RARE_CHARACTER -> name = p.surname() + Names.insteadOfRare(p.ordinal());
                case LOWER_CASE_X -> id = id.replace('X', 'x');
                case SEX_DIFFERS -> gender = p.sex() == Sex.MALE ? "2" : "1";
                case BAD_ID_CHECK -> id = id.substring(0, 17) + (id.charAt(17) == '5' ? '6' : '5');
                case ADDRESS_DIFFERS -> {
                    City.Address other = city.address((p.household() + 1 + dice.below(12)) % city.households());
                    other = other.district().code().equals(district)
                            ? city.address((other.index() + 1) % city.households())
                            : other;
                    district = other.district().code();
                    address = other.withinProvince();
                }
                case null, default -> planted = false;
            }
            row.number(8_000_000 + i)
                    .text("01")
                    .text(id)
                    .text(name)
                    .text(gender)
                    .date(birthday)
                    .text(dice.perMille(900) ? p.phone() : null);
            row.text(district)
                    .text(address)
                    .time((Days.TODAY - dice.between(720, 3_000)) * Days.SECONDS + dice.between(28_000, 60_000));
            if (planted && p.plant() != null) {
                switch (p.plant()) {
                    case ADDRESS_DIFFERS ->
                        row.plant(p.plant(), p.ordinal(), "id_no", "patient_name", "live_district", "live_address");
                    case SEX_DIFFERS -> row.plant(p.plant(), p.ordinal(), "id_no", "patient_name", "gender");
                    default -> row.plant(p.plant(), p.ordinal(), "id_no", "patient_name");
                }
            }
            row.end();
        }
    }

    /** Visits of a person: from none to three, none after death. */
    private static int visitsOf(City city, Person p) {
        return isPatient(city, p) && p.alive()
                ? city.dice("health.visits", p.index()).below(p.age() > 55 ? 4 : 3)
                : 0;
    }

    private static void visits(City city, Row row) {
        String[][] diagnoses = {
            {"J06.9", "急性上呼吸道感染"},
            {"I10", "高血压"},
            {"E11.9", "2型糖尿病"},
            {"K29.5", "慢性胃炎"},
            {"M54.5", "腰痛"},
            {"J20.9", "急性支气管炎"},
            {"H10.9", "结膜炎"}
        };
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            int visits = visitsOf(city, p);
            for (int v = 0; v < visits; v++) {
                Dice dice = city.dice("health.visit", i * 10 + v);
                int doctor = dice.below(doctorCount(city));
                String[] diagnosis = dice.pick(diagnoses);
                row.number(i * 10 + v)
                        .number(8_000_000 + i)
                        .number(doctor % city.hospitals() + 1)
                        .number(doctor + 1)
                        .time(visitedAt(city, i, v));
                row.text(CLINICS[dice.below(CLINICS.length)])
                        .text(diagnosis[0])
                        .text(diagnosis[1])
                        .decimal(dice.between(1_200, 180_000), 2)
                        .end();
            }
        }
    }

    private static long visitedAt(City city, long person, int visit) {
        Dice dice = city.dice("health.visited_at", person * 10 + visit);
        return (Days.TODAY - dice.between(1, 700)) * Days.SECONDS + dice.between(28_800, 61_200);
    }

    private static boolean hasLab(City city, long visit) {
        return city.dice("health.has_lab", visit).perMille(420);
    }

    private static void labReports(City city, Row row) {
        CityFolder folder = city.folder();
        String[] recognised = {"全国HR", folder.word("province-short-name") + "HR", folder.word("short-name") + "HR"};
        for (long i = 0; i < city.persons(); i++) {
            int visits = visitsOf(city, city.person(i));
            for (int v = 0; v < visits; v++) {
                if (hasLab(city, i * 10 + v)) {
                    Dice dice = city.dice("health.lab", i * 10 + v);
                    row.number(i * 10 + v)
                            .number(i * 10 + v)
                            .text(dice.pick("血清", "全血", "尿液"))
                            .time(visitedAt(city, i, v) + dice.between(1_800, 20_000));
                    row.text(dice.perMille(600) ? dice.pick(recognised) : null).end();
                }
            }
        }
    }

    private static void labResults(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            int visits = visitsOf(city, city.person(i));
            for (int v = 0; v < visits; v++) {
                if (!hasLab(city, i * 10 + v)) {
                    continue;
                }
                Dice dice = city.dice("health.lab_result", i * 10 + v);
                int first = dice.below(4);
                int last = first + dice.between(1, 4);
                for (int t = first; t < last; t++) {
                    String[] test = TESTS[t];
                    int low = Integer.parseInt(test[3]);
                    int high = Integer.parseInt(test[4]);
                    long value = Math.max(1, Math.round((low + high) / 2.0 + dice.bell() * (high - low) / 3.2));
                    row.number(i * 10 + v)
                            .text(test[0])
                            .text(test[1])
                            .decimal(value, 2)
                            .text(test[2])
                            .decimal(low, 2)
                            .decimal(high, 2);
                    row.text(value < low ? "L" : value > high ? "H" : null).end();
                }
            }
        }
    }

    private static void imaging(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            int visits = visitsOf(city, city.person(i));
            for (int v = 0; v < visits; v++) {
                Dice dice = city.dice("health.imaging", i * 10 + v);
                if (!dice.perMille(110)) {
                    continue;
                }
                String part = dice.pick("胸部", "头颅", "腰椎", "膝关节", "腹部");
                boolean finding = dice.perMille(250);
                row.text("1.2.826.0.1.3680043.10." + city.folder().code() + "." + (i * 10 + v))
                        .number(i * 10 + v)
                        .text(dice.pick("CT", "MR", "DR", "US"))
                        .text(part);
                row.text(part + "扫描：" + (finding ? "见小结节影，直径约" + dice.between(3, 12) + "mm。\n建议结合临床。" : "未见明显异常。"));
                row.text(finding ? "小结节，建议复查" : null)
                        .number(dice.between(1, 480))
                        .time(visitedAt(city, i, v) + dice.between(3_600, 86_400))
                        .end();
            }
        }
    }

    private static void recognition(City city, Row row) {
        for (String[] test : TESTS) {
            Dice dice = city.dice("health.recognition", test[0].hashCode());
            row.text(test[0])
                    .text(test[1])
                    .text("检验")
                    .number(dice.pick(7, 15, 30, 90))
                    .text(dice.pick("市", "省", "长三角"))
                    .decimal(dice.between(300, 4_000), 2)
                    .end();
        }
        String[][] images = {{"CT01", "胸部CT平扫"}, {"MR01", "头颅磁共振平扫"}, {"DR01", "胸部正位片"}, {"US01", "腹部彩超"}};
        for (String[] image : images) {
            row.text(image[0])
                    .text(image[1])
                    .text("影像")
                    .number(90)
                    .text("省")
                    .decimal(18_000, 2)
                    .end();
        }
    }

    private static void births(City city, Row row) {
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            if (p.age() > 9 || p.role() != City.Role.CHILD) {
                continue;
            }
            Dice dice = city.dice("health.birth", i);
            Person head = city.person(city.headOf(p.household()));
            Person mother = head.sex() == Sex.FEMALE ? head : city.person(head.index() + 1);
            boolean planted = p.is(Plant.BIRTH_DATE_DIFFERS);
            long day = planted ? p.born() - dice.between(2, 9) : p.born();
            row.text("T33" + Days.padded(i, 9))
                    .text(p.idNumber())
                    .text(p.name())
                    .time(day * Days.SECONDS + dice.below(86_400));
            row.text(mother.idNumber()).number(dice.between(2_300, 4_400)).number(dice.below(city.hospitals()) + 1);
            if (planted) {
                row.plant(Plant.BIRTH_DATE_DIFFERS, p.ordinal(), "child_id_no", "child_name", "born_at");
            }
            row.end();
        }
    }

    private static void vaccinations(City city, Row row) {
        String[] vaccines = {"乙肝疫苗", "脊灰疫苗", "百白破疫苗", "麻腮风疫苗", "流感疫苗"};
        for (long i = 0; i < city.persons(); i++) {
            Person p = city.person(i);
            Dice dice = city.dice("health.vaccination", i);
            int doses = p.age() <= 12 ? dice.between(1, 4) : p.age() > 60 && dice.perMille(300) ? 1 : 0;
            for (int v = 0; v < doses && p.alive(); v++) {
                row.number(i * 10 + v)
                        .text(p.idNumber())
                        .text(p.age() > 60 ? "流感疫苗" : vaccines[v])
                        .number(1);
                row.date(
                        p.age() > 60
                                ? Days.TODAY - dice.between(5, 300)
                                : Math.min(Days.TODAY - 1, p.born() + 30L * (v + 1) + dice.below(20)));
                row.text("B2" + Days.padded(dice.below(10_000_000), 7)).end();
            }
        }
    }
}
