package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.qiantang.lake.Mask;

class ClassifierTest {
    @Test
    void aColumnOfSeveralKindsIsShownInTheWayOfNone() {
        // As the value of a long table of values: a way that leaves a telephone's ends would leave most of a name.
        Classification mixed = Classification.of("value", null, "string", found(ContentKind.PHONE, 0.8));
        Classification plain = Classification.of("value", null, "string", found(ContentKind.PHONE, 0.95));
        Classification spoken = Classification.of("mobile", null, "string", found(ContentKind.PHONE, 0.8));

        assertThat(mixed.level()).isEqualTo(Level.L3);
        assertThat(mixed.mask()).isEqualTo(new Mask.Hide());
        assertThat(plain.mask()).isEqualTo(ContentKind.PHONE.mask());
        assertThat(spoken.mask()).isEqualTo(ContentKind.PHONE.mask());
    }

    @Test
    void identityNumbersNeedTheirCheckDigitAndARealDate() {
        assertThat(Classifier.kindOf("11010519491231002X")).contains(ContentKind.ID_NUMBER);
        assertThat(Classifier.kindOf("11010519491231002x")).contains(ContentKind.ID_NUMBER);
        assertThat(Classifier.kindOf("440524188001010014")).contains(ContentKind.ID_NUMBER);
        assertThat(Classifier.kindOf("110105194912310021")).isNotEqualTo(java.util.Optional.of(ContentKind.ID_NUMBER));
        assertThat(Classifier.kindOf("33010218000229001X")).isNotEqualTo(java.util.Optional.of(ContentKind.ID_NUMBER));
        assertThat(Classifier.kindOf("440524880101001")).contains(ContentKind.ID_NUMBER);
        assertThat(Classifier.kindOf("990524880101001")).isEmpty();
    }

    @Test
    void creditCodesNeedTheirCheckDigit() {
        for (String code :
                List.of("91350100M000100Y43", "91440101MA5CJQ4N59", "11332500MB1601924J", "11100000000013338W")) {
            assertThat(Classifier.kindOf(code)).as(code).contains(ContentKind.USCC);
        }
        assertThat(Classifier.kindOf("91350100M0001TGQXM")).isEmpty();
        assertThat(Classifier.kindOf("91350100I000100Y43")).isEmpty();
    }

    @Test
    void everyOtherKindIsKnownByItsShape() {
        assertThat(Classifier.kindOf("13812345678")).contains(ContentKind.PHONE);
        assertThat(Classifier.kindOf("+86 13812345678")).contains(ContentKind.PHONE);
        assertThat(Classifier.kindOf("12812345678")).isEmpty();
        assertThat(Classifier.kindOf("0571-87654321")).contains(ContentKind.LANDLINE);
        assertThat(Classifier.kindOf("20261123")).isEmpty();
        assertThat(Classifier.kindOf("duandazhi-jack@gmail.com.cn")).contains(ContentKind.EMAIL);
        assertThat(Classifier.kindOf("6222026006956145")).isNotEqualTo(java.util.Optional.of(ContentKind.ID_NUMBER));
        assertThat(Classifier.kindOf("4111 1111 1111 1111")).contains(ContentKind.BANK_CARD);
        assertThat(Classifier.kindOf("4111111111111112")).isEmpty();
        assertThat(Classifier.kindOf("浙A12345")).contains(ContentKind.PLATE);
        assertThat(Classifier.kindOf("浙AD12345")).contains(ContentKind.PLATE);
        assertThat(Classifier.kindOf("192.168.1.1")).contains(ContentKind.IPV4);
        assertThat(Classifier.kindOf("192.168.1.256")).isEmpty();
    }

    @Test
    void namesAreKnownBySurname() {
        for (String name : List.of("王小明", "欧阳娜娜", "诸葛亮", "阿卜杜拉·买买提", "司马光", "张伟")) {
            assertThat(Classifier.kindOf(name)).as(name).contains(ContentKind.NAME);
        }
        for (String word : List.of("周一", "萧山区", "余杭区", "白色", "未知", "居民", "文三路", "王")) {
            assertThat(Classifier.kindOf(word)).as(word).isEmpty();
        }
    }

    @Test
    void addressesAreKnownByTheirParts() {
        for (String address : List.of("浙江省杭州市西湖区文三路100号", "北京市海淀区马连洼街道289号", "湖墅南路5号2幢301室", "桐庐县分水镇天溪村12组")) {
            assertThat(Classifier.kindOf(address)).as(address).contains(ContentKind.ADDRESS);
        }
        assertThat(Classifier.kindOf("道路积水请尽快处理")).isEmpty();
    }

    @Test
    void personalNumbersAreFoundInsideLongerText() {
        assertThat(Classifier.kindOf("请回电13812345678，谢谢")).contains(ContentKind.FREE_TEXT_WITH_PERSONAL);
        assertThat(Classifier.kindOf("身份证11010519491231002X办理居住证被退回")).contains(ContentKind.FREE_TEXT_WITH_PERSONAL);
        assertThat(Classifier.kindOf("订单2026112313812345678901")).isEmpty();
    }

    @Test
    void sharesCountWhatIsNotBlank() {
        Findings findings = Classifier.look("string", List.of("13812345678", "", "  ", "无"));
        assertThat(findings.seen()).isEqualTo(2);
        assertThat(findings.share(ContentKind.PHONE)).isEqualTo(0.5);
        assertThat(findings.of(ContentKind.PHONE).shapes()).containsExactly("138****5678");
        assertThat(Classifier.look("string", List.of())).isEqualTo(Findings.NONE);
    }

    @Test
    void contentDecidesAndNamesOnlyRaise() {
        Classification idInDisguise = Classification.of("remark", null, "string", found(ContentKind.ID_NUMBER, 0.9));
        Classification hinted = Classification.of("patient_diagnosis", null, "string", Findings.NONE);
        Classification venue = Classification.of("name", "场馆名称", "string", found(ContentKind.NAME, 0.05));
        Classification person = Classification.of("name", "姓名", "string", found(ContentKind.NAME, 0.5));
        Classification phoneAsNumber = Classification.of("lxdh", "联系电话", "long", Findings.NONE);
        Classification company = Classification.of("uscc", "统一社会信用代码", "string", found(ContentKind.USCC, 1.0));

        assertThat(idInDisguise.level()).isEqualTo(Level.L3);
        assertThat(idInDisguise.mask()).isEqualTo(new Mask.KeepEnds(1, 2));
        assertThat(hinted.level()).isEqualTo(Level.L4);
        assertThat(hinted.mask()).isEqualTo(new Mask.Hide());
        assertThat(venue.level()).isEqualTo(Level.L2);
        assertThat(person.kind()).isEqualTo(ContentKind.NAME);
        assertThat(phoneAsNumber.mask()).isEqualTo(new Mask.KeepEnds(3, 4));
        assertThat(company.level()).isEqualTo(Level.L1);
        assertThat(Classification.of("x", null, "string", Findings.NONE).level())
                .isEqualTo(Level.L2);
        assertThat(Classification.of("pm25", null, "double", Findings.NONE).level())
                .isEqualTo(Level.L1);
        assertThat(Classification.of("homeAddress", null, "string", Findings.NONE)
                        .level())
                .isEqualTo(Level.L3);
        assertThat(Classification.of("account", "开户账号", "string", found(ContentKind.BANK_CARD, 0.9))
                        .level())
                .isEqualTo(Level.L4);
    }

    private static Findings found(ContentKind kind, double share) {
        return new Findings(100, Map.of(kind, new Findings.Count((int) Math.round(share * 100), 0, 0, List.of())));
    }

    @Test
    void codesOfLicencesAndInsuranceAreKnownByTheirShape() {
        assertThat(Classifier.kindOf("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"))
                .contains(ContentKind.E_LICENCE);
        assertThat(Classifier.kindOf("11100000000013338W011.11430000006122244L.20230000403.001.V"))
                .isEmpty();
        assertThat(Classifier.kindOf("H44030900226")).contains(ContentKind.MEDICAL_INSTITUTION);
        assertThat(Classifier.kindOf("D320481001162")).contains(ContentKind.MEDICAL_STAFF);
        for (String drug : List.of("XS02AAY040Q010010100830", "XN01BBA064B002010178765", "XJ01XDT045A001010104642")) {
            assertThat(Classifier.kindOf(drug)).as(drug).contains(ContentKind.DRUG_CODE);
        }
        assertThat(Classifier.kindOf("H4403090022")).isEmpty();
    }

    @Test
    void illnessesAreKnownByTheirNamesAndCodesAndMedicinesAreNone() {
        for (String term :
                List.of("高血压", "2型糖尿病", "急性上呼吸道感染", "慢性阻塞性肺病", "腰痛", "J06.9", "Chronic sinusitis (disorder)")) {
            assertThat(Classifier.kindOf(term)).as(term).contains(ContentKind.HEALTH);
        }
        for (String word : List.of("乙肝疫苗", "因病", "阿莫西林胶囊", "I10", "V1.0", "市第一医院", "传染病医院")) {
            assertThat(Classifier.kindOf(word)).as(word).isEmpty();
        }
    }

    @Test
    void placesAreKnownByPairsOfDegreesAndNumbersOfDocumentsAreNoAddresses() {
        assertThat(Classifier.kindOf("120.1551,30.2741")).contains(ContentKind.COORDINATE);
        assertThat(Classifier.kindOf("(40.74821053178345, -74.00748519439084)")).contains(ContentKind.COORDINATE);
        assertThat(Classifier.kindOf("659 CAULDWELL AVENUE")).contains(ContentKind.ADDRESS);
        for (String other :
                List.of("杭市监处罚〔2026〕00001号", "浙（2024）杭州市不动产权第00000012号", "含新建小区；以公告为准", "湖滨街道办事处", "3 AVENUE")) {
            assertThat(Classifier.kindOf(other)).as(other).isEmpty();
        }
    }

    @Test
    void numbersAndDatesAreLookedAtTooAndTheNameSaysWhatTheyAre() {
        Findings phones = Classifier.look("long", List.of("13812345678", "15900000001", "18600000002"));
        Findings degrees = Classifier.look("decimal(9,6)", List.of("120.155100", "119.960000"));
        Findings days = Classifier.look("date", List.of("1949-12-31", "2001-02-03"));
        Findings ids = Classifier.look("long", List.of("110105194912310021", "330106180012310008"));

        assertThat(Classification.of("c7", null, "long", phones).kind()).isEqualTo(ContentKind.PHONE);
        assertThat(Classification.of("jd", "经度", "decimal(9,6)", degrees).kind())
                .isEqualTo(ContentKind.COORDINATE);
        assertThat(Classification.of("price", "单价", "decimal(9,6)", degrees).kind())
                .isNull();
        assertThat(Classification.of("csrq", null, "date", days).kind()).isEqualTo(ContentKind.BIRTH_DATE);
        assertThat(Classification.of("signed_on", null, "date", days).kind()).isNull();
        assertThat(ids.of(ContentKind.ID_NUMBER).matched()).isEqualTo(1);
        assertThat(ids.of(ContentKind.ID_NUMBER).faulty()).isEqualTo(1);
        assertThat(ids.of(ContentKind.ID_NUMBER).shapes()).containsExactly("3" + "*".repeat(15) + "08");
    }

    @Test
    void aNameIsNotBelievedAgainstTheContent() {
        Findings plain = Classifier.look("string", List.of("是", "否"));
        Classification flag = Classification.of("psn_no", "人员编号", "string", plain);

        assertThat(flag.kind()).isNull();
        assertThat(flag.level()).isEqualTo(Level.L3);
        assertThat(flag.evidence().basis()).isEqualTo(Evidence.Basis.NAME);
        assertThat(flag.evidence().words()).isEqualTo("psn no");
    }

    @Test
    void theNumberOfAPersonInSomeRegisterIsNotTheInsurancesUnlessItLooksLikeIt() {
        Findings few = Classifier.look("long", List.of("1", "2", "317"));
        Findings insured = Classifier.look("string", List.of("33010000000000001", "33010000000000002"));

        assertThat(Classification.of("resident_id", "人员编号", "long", few).mask()).isNull();
        assertThat(Classification.of("rybh", "人员编号", "string", insured).kind()).isEqualTo(ContentKind.INSURED_NO);
        assertThat(Classification.of("ybh", "医保编号", "string", few).level()).isEqualTo(Level.L3);
    }

    @Test
    void masksAreReadAsTheyWereWrittenAndWhatCannotBeReadHides() {
        assertThat(Masks.read("keep(3,4)")).isEqualTo(new Mask.KeepEnds(3, 4));
        assertThat(Masks.write(new Mask.KeepEnds(1, 2))).isEqualTo("keep(1,2)");
        assertThat(Masks.read("hide")).isEqualTo(new Mask.Hide());
        assertThat(Masks.read("nonsense")).isEqualTo(new Mask.Hide());
    }
}
