package org.qiantang.app.demo;

import java.util.Set;

/**
 * What was put into the demo city on purpose, so that whatever Qiantang says to have found can be judged. The sentences say what a
 * finder is expected to find.
 */
enum Plant {
    MIDDLE_DOT(
            Group.SAME_PERSON,
            "同一人姓名间隔点写法不一",
            "One person; the dot inside the name is written in several ways or left out",
            "police",
            "health",
            "medical_insurance"),
    FORMER_NAME(
            Group.SAME_PERSON,
            "同一人，社保仍登记曾用名",
            "One person; social security still knows the former name",
            "police",
            "social_security"),
    FIFTEEN_DIGIT_ID(
            Group.SAME_PERSON,
            "同一人，房产登记为15位旧身份证号",
            "One person; the property register holds the old 15-digit number",
            "police",
            "housing"),
    FULL_WIDTH_ID(
            Group.SAME_PERSON,
            "同一人，学籍文件身份证号为全角字符",
            "One person; the pupils' file writes the number in full-width digits",
            "police",
            "education"),
    RARE_CHARACTER(
            Group.SAME_PERSON,
            "同一人姓名含生僻字，他处被替换",
            "One person; a rare character of the name was replaced elsewhere",
            "police",
            "social_security",
            "health"),
    LOWER_CASE_X(
            Group.SAME_PERSON,
            "同一人身份证号末位X大小写不一",
            "One person; the final X of the number is in lower case",
            "police",
            "health"),
    SPACED_NAME(
            Group.SAME_PERSON,
            "同一人两字姓名中夹全角空格",
            "One person; the two-character name holds a full-width space",
            "police",
            "hotline"),
    COMPANY_SHORT_NAME(
            Group.SAME_COMPANY,
            "同一企业，参保登记用简称",
            "One company; the employers' register uses its short name",
            "market",
            "social_security"),
    COMPANY_BRACKETS(
            Group.SAME_COMPANY,
            "同一企业名称括号全角半角不一",
            "One company; brackets full-width here, half-width there",
            "market",
            "social_security"),
    COMPANY_OLD_NAME(
            Group.SAME_COMPANY,
            "同一企业，污染源档案用原名称且无统一代码",
            "One company; the pollution register holds its old name and no code",
            "market",
            "environment"),
    DEAD_BUT_PENSION(
            Group.CONTRADICTION,
            "民政登记已死亡，仍在领取养老金",
            "Dead in civil affairs, still drawing a pension",
            "police",
            "civil_affairs",
            "social_security"),
    DEAD_BUT_ALLOWANCE(
            Group.CONTRADICTION,
            "已死亡，仍在发放高龄津贴",
            "Dead, still paid the allowance for the very old",
            "police",
            "civil_affairs"),
    ADDRESS_DIFFERS(
            Group.CONTRADICTION,
            "公安与卫健登记的居住区县不同",
            "Police and health know different districts of residence",
            "police",
            "health"),
    MARRIED_BUT_SINGLE(
            Group.CONTRADICTION,
            "民政已登记结婚，公安婚姻状况为未婚",
            "Married in civil affairs, single at the police",
            "police",
            "civil_affairs"),
    LOW_INCOME_WITH_PROPERTY(
            Group.CONTRADICTION,
            "低保户主名下有多套房产",
            "Receives the minimum allowance and owns several dwellings",
            "police",
            "civil_affairs",
            "housing"),
    BIRTH_DATE_DIFFERS(
            Group.CONTRADICTION,
            "出生医学证明日期与身份证号不符",
            "Birth certificate and identity number disagree on the day",
            "police",
            "health"),
    SEX_DIFFERS(
            Group.CONTRADICTION,
            "就诊登记性别与身份证号不符",
            "Patient index and identity number disagree on the sex",
            "police",
            "health"),
    DOUBLE_COVERAGE(
            Group.CONTRADICTION,
            "同时参加职工医保和居民医保",
            "Insured as an employee and as a resident at the same time",
            "police",
            "medical_insurance"),
    LICENCE_REVOKED_BUT_SELLING(
            Group.CONTRADICTION,
            "药品经营许可证已吊销，仍有医保售药",
            "Pharmacy licence revoked, sales settled afterwards",
            "market",
            "medical_insurance"),
    CANCELLED_BUT_CONTRIBUTING(
            Group.CONTRADICTION,
            "企业已注销，之后仍在缴纳社保",
            "Company cancelled, contributions paid afterwards",
            "market",
            "social_security"),
    BAD_ID_CHECK(Group.DIRTY, "身份证号校验位错误", "Identity number with a wrong check character", "health"),
    IMPOSSIBLE_ID_DATE(Group.DIRTY, "身份证号含不存在的日期", "Identity number with an impossible date", "education"),
    IMPOSSIBLE_DATE(Group.DIRTY, "不存在的日期", "A date that does not exist", "civil_affairs"),
    BAD_USCC_CHECK(Group.DIRTY, "统一社会信用代码校验位错误", "Credit code with a wrong check character", "social_security"),
    BAD_LICENCE_CHECK(Group.DIRTY, "电子证照标识校验位错误", "Licence identifier with a wrong check character", "market"),
    ABOLISHED_DIVISION(Group.DIRTY, "区划代码为已撤销的区", "Division code of an abolished district", "market"),
    MOJIBAKE(Group.DIRTY, "文字乱码", "Text decoded with the wrong character set", "hotline"),
    NEGATIVE_STOCK(Group.DIRTY, "库存为负数", "Negative stock", "medical_insurance"),
    FUTURE_DATE(Group.DIRTY, "日期晚于采集日", "A date after the reference date", "hotline"),
    SENSOR_FAULT(Group.DIRTY, "监测仪故障值-99", "The instrument's fault value -99 stored as a concentration", "environment"),
    UNIT_ERROR(Group.DIRTY, "一氧化碳单位误用微克", "Carbon monoxide in micrograms where milligrams are meant", "environment"),
    DUPLICATE_ROW(Group.DIRTY, "整行重复", "The whole row stands twice", "education");

    enum Group {
        SAME_PERSON,
        SAME_COMPANY,
        CONTRADICTION,
        DIRTY
    }

    private final Group group;
    private final String zh;
    private final String en;
    private final Set<String> sources;

    /** @param sources the source systems whose rows show it; without one of them a city does not have it */
    Plant(Group group, String zh, String en, String... sources) {
        this.group = group;
        this.zh = zh;
        this.en = en;
        this.sources = Set.of(sources);
    }

    Set<String> sources() {
        return sources;
    }

    boolean isShownBy(CityFolder folder) {
        return sources.stream().allMatch(source -> folder.findSystem(source).isPresent());
    }

    Group group() {
        return group;
    }

    String zh() {
        return zh;
    }

    String en() {
        return en;
    }
}
