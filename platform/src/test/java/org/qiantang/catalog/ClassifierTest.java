package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.qiantang.lake.Mask;

class ClassifierTest {
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
        for (String word : List.of("周一", "高血压", "萧山区", "余杭区", "白色", "未知", "居民", "文三路", "王")) {
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
        assertThat(Classifier.detect(List.of("13812345678", "", "  ", "无"))).containsExactly(Map.entry("PHONE", 0.5));
        assertThat(Classifier.detect(List.of())).isEmpty();
    }

    @Test
    void contentDecidesAndNamesOnlyRaise() {
        Classification idInDisguise = Classification.of("remark", null, "string", Map.of("ID_NUMBER", 0.9));
        Classification hinted = Classification.of("patient_diagnosis", null, "string", Map.of());
        Classification venue = Classification.of("name", "场馆名称", "string", Map.of("NAME", 0.05));
        Classification person = Classification.of("name", "姓名", "string", Map.of("NAME", 0.5));
        Classification phoneAsNumber = Classification.of("lxdh", "联系电话", "long", Map.of());
        Classification company = Classification.of("uscc", "统一社会信用代码", "string", Map.of("USCC", 1.0));

        assertThat(idInDisguise.level()).isEqualTo(Level.L3);
        assertThat(idInDisguise.mask()).isEqualTo(new Mask.KeepEnds(1, 2));
        assertThat(hinted.level()).isEqualTo(Level.L4);
        assertThat(hinted.mask()).isEqualTo(new Mask.Hide());
        assertThat(venue.level()).isEqualTo(Level.L2);
        assertThat(person.kind()).isEqualTo(ContentKind.NAME);
        assertThat(phoneAsNumber.mask()).isEqualTo(new Mask.KeepEnds(3, 4));
        assertThat(company.level()).isEqualTo(Level.L1);
        assertThat(Classification.of("x", null, "string", Map.of()).level()).isEqualTo(Level.L2);
        assertThat(Classification.of("pm25", null, "double", Map.of()).level()).isEqualTo(Level.L1);
        assertThat(Classification.of("homeAddress", null, "string", Map.of()).level())
                .isEqualTo(Level.L3);
        assertThat(Classification.of("account", "开户账号", "string", Map.of("BANK_CARD", 0.9))
                        .level())
                .isEqualTo(Level.L4);
    }

    @Test
    void masksAreReadAsTheyWereWrittenAndWhatCannotBeReadHides() {
        assertThat(Masks.read("keep(3,4)")).isEqualTo(new Mask.KeepEnds(3, 4));
        assertThat(Masks.write(new Mask.KeepEnds(1, 2))).isEqualTo("keep(1,2)");
        assertThat(Masks.read("hide")).isEqualTo(new Mask.Hide());
        assertThat(Masks.read("nonsense")).isEqualTo(new Mask.Hide());
    }
}
