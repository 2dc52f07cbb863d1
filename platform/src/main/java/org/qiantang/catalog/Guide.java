package org.qiantang.catalog;

import java.util.Arrays;
import java.util.Optional;

/**
 * The words of the national guide for directories of government information (政务信息资源目录编制指南), in which departments state what data they
 * have: each with the Chinese name that stands in the guide's form.
 */
public final class Guide {
    private Guide() {}

    /** A value of one of the guide's lists. */
    public interface Word {
        String zh();

        String name();
    }

    /** The value that a form's cell names, in Chinese or by its code. */
    public static <W extends Enum<W> & Word> Optional<W> find(Class<W> list, String text) {
        String wanted = text.strip();
        return Arrays.stream(list.getEnumConstants())
                .filter(each -> each.zh().equals(wanted) || each.name().equalsIgnoreCase(wanted))
                .findFirst();
    }

    /** 资源属性: what a classification's first digit says. */
    public enum Attribute implements Word {
        BASIC("基础信息资源"),
        THEME("主题信息资源"),
        DEPARTMENT("部门信息资源");

        private final String zh;

        Attribute(String zh) {
            this.zh = zh;
        }

        @Override
        public String zh() {
            return zh;
        }
    }

    /** 主题: what in the city's life the data is about. */
    public enum Theme implements Word {
        PUBLIC_SERVICE("公共服务"),
        HEALTH("健康保障"),
        SOCIAL_SECURITY("社会保障"),
        FOOD_AND_DRUG_SAFETY("食品药品安全"),
        WORK_SAFETY("安全生产"),
        PRICES("价格监管"),
        ENERGY("能源安全"),
        CREDIT("信用体系"),
        CONSTRUCTION("城乡建设"),
        COMMUNITY("社区治理"),
        ENVIRONMENT("生态环保"),
        EMERGENCY("应急维稳");

        private final String zh;

        Theme(String zh) {
            this.zh = zh;
        }

        @Override
        public String zh() {
            return zh;
        }
    }

    /** 信息资源格式. */
    public enum Format implements Word {
        DATABASE("数据库"),
        SPREADSHEET("电子表格"),
        FILE("电子文件"),
        IMAGE("图形图像"),
        STREAM("流媒体"),
        SELF_DESCRIBING("自描述格式");

        private final String zh;

        Format(String zh) {
            this.zh = zh;
        }

        @Override
        public String zh() {
            return zh;
        }
    }

    /** 数据类型 of an item, by the guide's letters. */
    public enum DataTypeCode implements Word {
        C("字符型"),
        N("数值型"),
        Y("货币型"),
        D("日期型"),
        T("日期时间型"),
        L("逻辑型"),
        M("备注型"),
        G("通用型"),
        B("双精度型"),
        I("整型"),
        F("浮点型");

        private final String zh;

        DataTypeCode(String zh) {
            this.zh = zh;
        }

        @Override
        public String zh() {
            return zh;
        }

        /** The letter for a type of the lake, by its label. */
        static DataTypeCode ofLakeType(String label) {
            return switch (label) {
                case "boolean" -> L;
                case "int", "long" -> I;
                case "float" -> F;
                case "double" -> B;
                case "date" -> D;
                case "timestamp", "timestamptz" -> T;
                case "binary" -> G;
                default -> label.startsWith("decimal") ? N : C;
            };
        }
    }

    /** 共享类型: who within government may use it. */
    public enum ShareClass implements Word {
        UNCONDITIONAL("无条件共享"),
        CONDITIONAL("有条件共享"),
        NOT_SHARED("不予共享");

        private final String zh;

        ShareClass(String zh) {
            this.zh = zh;
        }

        @Override
        public String zh() {
            return zh;
        }
    }

    /** 共享方式. */
    public enum ShareMode implements Word {
        API("接口"),
        DB_TABLE("库表交换"),
        FILE("文件"),
        OFFLINE_MEDIA("离线介质");

        private final String zh;

        ShareMode(String zh) {
            this.zh = zh;
        }

        @Override
        public String zh() {
            return zh;
        }
    }

    /** 开放属性: who outside of government may use it. */
    public enum OpenClass implements Word {
        OPEN("无条件开放"),
        RESTRICTED("受限开放"),
        FORBIDDEN("禁止开放");

        private final String zh;

        OpenClass(String zh) {
            this.zh = zh;
        }

        @Override
        public String zh() {
            return zh;
        }
    }

    /** 更新周期. */
    public enum UpdateCycle implements Word {
        REALTIME("实时"),
        HOURLY("每小时"),
        DAILY("每日"),
        WEEKLY("每周"),
        MONTHLY("每月"),
        QUARTERLY("每季度"),
        YEARLY("每年"),
        IRREGULAR("不定期"),
        ONCE("一次性");

        private final String zh;

        UpdateCycle(String zh) {
            this.zh = zh;
        }

        @Override
        public String zh() {
            return zh;
        }
    }
}
