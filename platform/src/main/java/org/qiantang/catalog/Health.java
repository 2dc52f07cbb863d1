package org.qiantang.catalog;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * What names of illnesses, their codes and the words of a doctor's finding look like. Codes are of the shape of ICD-10 (GB/T 14396), names
 * end as Chinese names of illnesses do; both lists were put together for this purpose from the headings of its chapters.
 */
final class Health {
    /** One of these is in every name and finding below. */
    static final String CHARACTERS = "病症炎癌瘤痛疡肿疹痔疝痫征折血竭核染石化生尿风喘冒痘节影常灶梗脱障眼视裂卒磁超电肺阳查扫结";

    private static final Set<String> SHORT = Set.of(
            "感冒", "肺炎", "胃炎", "肝炎", "肾炎", "肠炎", "贫血", "哮喘", "骨折", "中风", "癫痫", "痛风", "疝气", "结核", "水痘", "麻疹", "痔疮", "湿疹",
            "近视", "腰痛", "头痛", "肺癌", "胃癌", "肝癌", "白内障", "青光眼", "糖尿病", "高血压", "冠心病", "脑卒中", "高血脂", "精神分裂");
    /** How names of illnesses end. */
    private static final String[] ENDINGS = {
        "炎", "癌", "瘤", "病", "症", "综合征", "梗死", "骨折", "出血", "衰竭", "结核", "感染", "溃疡", "结石", "硬化", "增生", "痛", "高血压", "中风",
        "卒中", "结节", "囊肿", "脱位", "疝", "疹"
    };

    /** Before 病 they make a cause or a wish of it. */
    private static final String NOT_BEFORE_ILLNESS = "因疾毛看治防";

    private static final int LONGEST_NAME = 36;
    private static final String[] FINDINGS = {
        "未见异常", "未见明显异常", "结节", "结合临床", "扫描", "影像", "磁共振", "彩超", "超声", "心电图", "双肺", "病灶", "病变", "炎", "癌", "肿瘤", "肿块",
        "肿大", "疼痛", "骨折", "出血", "梗死", "综合征", "糖尿病", "高血压", "阳性", "复查"
    };

    private static final Pattern CODE = Pattern.compile("[A-TV-Z]\\d{2}(?:\\.[0-9x]\\d{0,3}|[+*†])?");
    private static final Pattern DOTTED = Pattern.compile("[A-TV-Z]\\d{2}\\.[0-9x]\\d{0,2}");

    private Health() {}

    /** A name of an illness, a code with its dot, or a concept of SNOMED CT under its full name. */
    static boolean isTerm(String value, boolean han) {
        int length = value.length();
        if (han) {
            return SHORT.contains(value) || length >= 3 && length <= LONGEST_NAME && isName(value);
        }
        char first = length == 0 ? ' ' : value.charAt(0);
        return length >= 5
                        && length <= 6
                        && first >= 'A'
                        && first <= 'Z'
                        && DOTTED.matcher(value).matches()
                || value.endsWith("(disorder)")
                || value.endsWith("(finding)");
    }

    private static boolean isName(String value) {
        int open = Math.max(value.lastIndexOf('（'), value.lastIndexOf('('));
        boolean bracketed = open > 1 && (value.endsWith("）") || value.endsWith(")"));
        String name = bracketed ? value.substring(0, open) : value;
        for (String ending : ENDINGS) {
            if (name.length() > ending.length() && name.endsWith(ending)) {
                char before = name.charAt(name.length() - ending.length() - 1);
                return (!ending.equals("病") || NOT_BEFORE_ILLNESS.indexOf(before) < 0) && isPlain(name);
            }
        }
        return false;
    }

    /** A name has no marks of a sentence. */
    private static boolean isPlain(String name) {
        for (int i = 0; i < name.length(); i++) {
            if ("。；！？：，\n".indexOf(name.charAt(i)) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** Words of a finding; other texts have them too. */
    static boolean isFinding(String value) {
        for (String word : FINDINGS) {
            if (value.contains(word)) {
                return true;
            }
        }
        return false;
    }

    static boolean isCode(String value) {
        return CODE.matcher(value).matches();
    }
}
