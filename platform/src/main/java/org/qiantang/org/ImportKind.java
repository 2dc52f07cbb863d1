package org.qiantang.org;

import java.util.List;

/** What a spreadsheet can bring of the organisation, each with its columns; they are imported in this order, for each refers to those before. */
public enum ImportKind {
    DIVISIONS(
            "行政区划",
            Column.needed("code", "代码"),
            Column.needed("name", "名称"),
            Column.of("name_en", "英文名称"),
            Column.of("parent", "上级代码"),
            Column.of("valid_from", "生效日期"),
            Column.of("valid_to", "失效日期"),
            Column.of("successors", "继承代码")),
    DEPARTMENTS(
            "部门",
            Column.needed("id", "标识"),
            Column.needed("name", "名称"),
            Column.needed("name_en", "英文名称"),
            Column.of("uscc", "统一社会信用代码"),
            Column.of("division", "行政区划"),
            Column.of("parent", "上级部门"),
            Column.of("ordinal", "排序"),
            Column.of("valid_from", "生效日期"),
            Column.of("valid_to", "失效日期")),
    POSTS(
            "岗位",
            Column.needed("id", "标识"),
            Column.needed("department", "部门"),
            Column.needed("name", "名称"),
            Column.of("name_en", "英文名称"),
            Column.of("reports_to", "汇报岗位"),
            Column.of("divisions", "管辖区划"),
            Column.of("ordinal", "排序"),
            Column.of("valid_from", "生效日期"),
            Column.of("valid_to", "失效日期")),
    PEOPLE(
            "人员",
            Column.needed("id", "标识"),
            Column.needed("name", "姓名"),
            Column.of("phone", "电话"),
            Column.of("email", "电子邮箱"),
            Column.of("account", "账号"),
            Column.of("post", "岗位"),
            Column.of("valid_from", "任职日期"),
            Column.of("valid_to", "离任日期"));

    private final String title;
    private final List<Column> columns;

    ImportKind(String title, Column... columns) {
        this.title = title;
        this.columns = List.of(columns);
    }

    /** What people call it, and the sheet it stands in. */
    public String title() {
        return title;
    }

    public List<Column> columns() {
        return columns;
    }

    /** A column by its key, which programs write, and its title, which people read; a file may have either. */
    public record Column(String key, String title, Need need) {
        /** Whether every line has to have a value. */
        public enum Need {
            NEEDED,
            OPTIONAL,
        }

        static Column needed(String key, String title) {
            return new Column(key, title, Need.NEEDED);
        }

        static Column of(String key, String title) {
            return new Column(key, title, Need.OPTIONAL);
        }
    }
}
