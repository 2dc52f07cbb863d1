package org.qiantang.app.demo;

import java.util.List;

/** Names put together by chance from surnames and characters, as no register holds them. */
final class Names {
    private static final String[] SURNAMES =
            ("王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕 "
                            + "苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎 余 潘 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 谭 廖 邹 熊 金 陆 郝 孔 白 崔 康 毛 邱 秦 江 史 顾 侯 邵 孟 龙 万 段 钱 汤 尹 "
                            + "黎 易 常 武 乔 贺 赖 龚 文 欧阳 上官 诸葛 司马 尉迟 令狐")
                    .split(" ");
    private static final String[] MALE =
            ("伟 强 军 磊 洋 勇 杰 涛 明 超 刚 平 辉 鹏 华 飞 鑫 波 斌 宇 浩 凯 健 俊 帆 博 晨 旭 航 阳 亮 峰 龙 毅 翔 林 东 志 成 海 "
                            + "思远 浩然 子轩 宇航 建国 志强 文博 俊杰 天佑 嘉豪 家栋 国栋 梓涵 奕辰 景行 知行 云帆 承泽 书豪 立群")
                    .split(" ");
    private static final String[] FEMALE =
            ("芳 娜 敏 静 丽 艳 娟 霞 燕 玲 婷 雪 慧 莹 洁 琳 颖 萍 红 梅 兰 英 倩 蕾 璐 丹 薇 欣 怡 琪 瑶 佳 晶 瑾 萱 宁 云 岚 秀 珍 "
                            + "诗涵 雨欣 梦瑶 思琪 欣怡 佳慧 雅婷 晓燕 秀英 桂兰 玉梅 语嫣 若溪 可馨 清妍 书瑶 芷若 念慈 婉清 静怡")
                    .split(" ");
    private static final String[] RARE = {"𠮷", "㛃", "䶮", "㮾", "𬱖", "𫖯", "㻴", "𣲗", "堃", "喆"};
    /** What systems without the character wrote instead, in the same order. */
    private static final String[] INSTEAD_OF_RARE = {"吉", "洁", "龑", "吕", "?", "□", "玉", "wei", "坤", "哲"};

    private static final String[] DOTTED_FIRST = {
        "阿卜杜拉", "买买提", "古丽娜尔", "艾合买提", "阿依古丽", "努尔兰", "迪丽拜尔", "吐尔逊", "帕提古丽", "热合曼"
    };
    private static final String[] DOTTED_LAST = {"买买提", "阿不都热西提", "艾山", "库尔班", "玉素甫", "依明", "卡德尔", "吾买尔", "托合提", "肉孜"};

    private static final String[] BRANDS_SECOND = "鼎 华 恒 启 锦 博 泰 信 瑞 万 卓 凌 聚 安 同 嘉 中 正 海 东".split(" ");
    private static final String[] BRANDS_THIRD = "盛 瑞 达 明 程 远 和 诚 丰 象 越 云 力 澜 创 禾 盈 弘 蓝 升".split(" ");
    private static final String[] BRANDS_FOURTH = "- 甲 乙 丙 丁 戊 己 庚 辛 壬 子 丑 寅 卯 辰 巳 午 未 申 酉".split(" ");

    private Names() {}

    /** Common surnames come more often. */
    static String surname(Dice dice) {
        int rank = Math.min(dice.below(SURNAMES.length), dice.below(SURNAMES.length));
        return SURNAMES[rank];
    }

    static String given(Dice dice, Sex sex) {
        String[] words = sex == Sex.MALE ? MALE : FEMALE;
        String word = words[dice.below(words.length)];
        return word.length() == 1 && dice.perMille(450) ? word + words[dice.below(40)] : word;
    }

    static int rareCharacters() {
        return RARE.length;
    }

    static String rare(int which) {
        return RARE[which % RARE.length];
    }

    static String insteadOfRare(int which) {
        return INSTEAD_OF_RARE[which % RARE.length];
    }

    /** Given name and father's name with the dot of GB 18030 between them, U+00B7. */
    static String dotted(Dice dice) {
        return dice.pick(DOTTED_FIRST) + "·" + dice.pick(DOTTED_LAST);
    }

    /** Of 160,000 brands, always the same for the same number; the first 8,000 are shorter by a character. */
    static String brand(List<String> first, long number) {
        int word = (int) (number % 8_000 * 7919 % 8_000);
        int more = (int) (number / 8_000 % 20);
        return first.get(word % 20)
                + BRANDS_SECOND[word / 20 % 20]
                + BRANDS_THIRD[word / 400]
                + (more == 0 ? "" : BRANDS_FOURTH[more]);
    }

    enum Sex {
        MALE,
        FEMALE
    }
}
