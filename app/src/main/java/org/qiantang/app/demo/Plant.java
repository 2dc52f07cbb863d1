package org.qiantang.app.demo;

/**
 * What was put into the demo city on purpose, so that whatever Qiantang says to have found can be judged. The sentences say what a
 * finder is expected to find.
 */
enum Plant {
    MIDDLE_DOT(
            Group.SAME_PERSON,
            "同一人姓名间隔点写法不一",
            "One person; the dot inside the name is written in several ways or left out"),
    FORMER_NAME(Group.SAME_PERSON, "同一人，社保仍登记曾用名", "One person; social security still knows the former name"),
    FIFTEEN_DIGIT_ID(
            Group.SAME_PERSON, "同一人，房产登记为15位旧身份证号", "One person; the property register holds the old 15-digit number"),
    FULL_WIDTH_ID(
            Group.SAME_PERSON,
            "同一人，学籍文件身份证号为全角字符",
            "One person; the pupils' file writes the number in full-width digits"),
    RARE_CHARACTER(
            Group.SAME_PERSON, "同一人姓名含生僻字，他处被替换", "One person; a rare character of the name was replaced elsewhere"),
    LOWER_CASE_X(Group.SAME_PERSON, "同一人身份证号末位X大小写不一", "One person; the final X of the number is in lower case"),
    SPACED_NAME(Group.SAME_PERSON, "同一人两字姓名中夹全角空格", "One person; the two-character name holds a full-width space"),
    COMPANY_SHORT_NAME(Group.SAME_COMPANY, "同一企业，参保登记用简称", "One company; the employers' register uses its short name"),
    COMPANY_BRACKETS(Group.SAME_COMPANY, "同一企业名称括号全角半角不一", "One company; brackets full-width here, half-width there"),
    COMPANY_OLD_NAME(
            Group.SAME_COMPANY,
            "同一企业，污染源档案用原名称且无统一代码",
            "One company; the pollution register holds its old name and no code"),
    DEAD_BUT_PENSION(Group.CONTRADICTION, "民政登记已死亡，仍在领取养老金", "Dead in civil affairs, still drawing a pension"),
    DEAD_BUT_ALLOWANCE(Group.CONTRADICTION, "已死亡，仍在发放高龄津贴", "Dead, still paid the allowance for the very old"),
    ADDRESS_DIFFERS(Group.CONTRADICTION, "公安与卫健登记的居住区县不同", "Police and health know different districts of residence"),
    MARRIED_BUT_SINGLE(Group.CONTRADICTION, "民政已登记结婚，公安婚姻状况为未婚", "Married in civil affairs, single at the police"),
    LOW_INCOME_WITH_PROPERTY(
            Group.CONTRADICTION, "低保户主名下有多套房产", "Receives the minimum allowance and owns several dwellings"),
    BIRTH_DATE_DIFFERS(
            Group.CONTRADICTION, "出生医学证明日期与身份证号不符", "Birth certificate and identity number disagree on the day"),
    SEX_DIFFERS(Group.CONTRADICTION, "就诊登记性别与身份证号不符", "Patient index and identity number disagree on the sex"),
    DOUBLE_COVERAGE(Group.CONTRADICTION, "同时参加职工医保和居民医保", "Insured as an employee and as a resident at the same time"),
    LICENCE_REVOKED_BUT_SELLING(
            Group.CONTRADICTION, "药品经营许可证已吊销，仍有医保售药", "Pharmacy licence revoked, sales settled afterwards"),
    CANCELLED_BUT_CONTRIBUTING(
            Group.CONTRADICTION, "企业已注销，之后仍在缴纳社保", "Company cancelled, contributions paid afterwards"),
    BAD_ID_CHECK(Group.DIRTY, "身份证号校验位错误", "Identity number with a wrong check character"),
    IMPOSSIBLE_ID_DATE(Group.DIRTY, "身份证号含不存在的日期", "Identity number with an impossible date"),
    IMPOSSIBLE_DATE(Group.DIRTY, "不存在的日期", "A date that does not exist"),
    BAD_USCC_CHECK(Group.DIRTY, "统一社会信用代码校验位错误", "Credit code with a wrong check character"),
    BAD_LICENCE_CHECK(Group.DIRTY, "电子证照标识校验位错误", "Licence identifier with a wrong check character"),
    ABOLISHED_DIVISION(Group.DIRTY, "区划代码为已撤销的区", "Division code of an abolished district"),
    MOJIBAKE(Group.DIRTY, "文字乱码", "Text decoded with the wrong character set"),
    NEGATIVE_STOCK(Group.DIRTY, "库存为负数", "Negative stock"),
    FUTURE_DATE(Group.DIRTY, "日期晚于采集日", "A date after the reference date"),
    SENSOR_FAULT(Group.DIRTY, "监测仪故障值-99", "The instrument's fault value -99 stored as a concentration"),
    UNIT_ERROR(Group.DIRTY, "一氧化碳单位误用微克", "Carbon monoxide in micrograms where milligrams are meant"),
    DUPLICATE_ROW(Group.DIRTY, "整行重复", "The whole row stands twice");

    enum Group {
        SAME_PERSON,
        SAME_COMPANY,
        CONTRADICTION,
        DIRTY
    }

    private final Group group;
    private final String zh;
    private final String en;

    Plant(Group group, String zh, String en) {
        this.group = group;
        this.zh = zh;
        this.en = en;
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
