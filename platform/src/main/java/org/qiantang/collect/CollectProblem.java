package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import org.qiantang.core.Problem;

/** What can go wrong when a department's source is collected, each under a name that stays. */
public enum CollectProblem implements Problem.Code {
    SOURCE_UNREACHABLE(
            "collect.source_unreachable",
            502,
            "无法连接来源：{reason}。请检查地址、网络和对方服务是否运行，然后重试。",
            "Cannot reach the source: {reason}. Check its address, the network and whether it runs, then try again."),
    SIGN_IN_REFUSED(
            "collect.sign_in_refused",
            422,
            "来源拒绝登录：{reason}。请检查用户名、密码和对方的访问规则。",
            "Cannot sign in to the source: {reason}. Check the user name, the password and the source's access rules."),
    BAD_LOCATION(
            "collect.bad_location",
            400,
            "无法使用该地址：它不是 PostgreSQL 的 JDBC 地址。请按 jdbc:postgresql://主机:端口/数据库 的形式填写。",
            "Cannot use this address: it is no JDBC URL of PostgreSQL. Write it as jdbc:postgresql://host:port/database."),
    BAD_LOCATION_PARAMETER(
            "collect.bad_location_parameter",
            400,
            "无法使用该地址：不允许参数“{parameter}”。请将其删除。",
            "Cannot use this address: parameter \"{parameter}\" is not allowed. Remove it."),
    NO_USERNAME(
            "collect.no_username",
            400,
            "无法连接来源：没有用户名。请填写用户名。",
            "Cannot connect to the source: there is no user name. Give one."),
    UNSUPPORTED_SOURCE(
            "collect.unsupported_source",
            422,
            "无法归集该来源：{reason}。请升级来源，或将数据复制到受支持的版本。",
            "Cannot collect this source: {reason}. Upgrade it, or copy its data to a version that is supported."),
    CATALOGUE_UNREADABLE(
            "collect.catalogue_unreadable",
            502,
            "无法读取来源的目录：{reason}。请检查来源后重试。",
            "Cannot read the source's catalogue: {reason}. Look at the source, then try again."),
    NO_SELECT_PRIVILEGE(
            "collect.no_select_privilege",
            403,
            "无法读取：账号没有查询权限（{reason}）。请让来源方授予权限。",
            "Cannot read it: the account lacks a privilege ({reason}). Ask its owner to grant it."),
    ROW_LEVEL_SECURITY(
            "collect.row_level_security",
            403,
            "无法完整读取：行级安全策略会对该账号隐藏数据（{reason}）。请让来源方授予 BYPASSRLS。",
            "Cannot read it in full: row-level security hides rows from the account ({reason}). Ask its owner for BYPASSRLS."),
    TABLE_REWRITTEN(
            "collect.table_rewritten",
            409,
            "无法一致地读取：{reason} 在归集期间被清空或重写。请再次归集。",
            "Cannot read it consistently: {reason} was truncated or rewritten during the collection. Collect it again."),
    VALUE_TOO_LARGE("collect.value_too_large", 422, "值过大：{reason}", "The value is too large: {reason}"),
    INVALID_TEXT("collect.invalid_text", 422, "文本不是有效的 UTF-8：{reason}", "The text is not valid UTF-8: {reason}");

    private final String id;
    private final int status;
    private final String zh;
    private final String en;

    CollectProblem(String id, int status, String zh, String en) {
        this.id = requireNonNull(id, "id is null");
        this.status = status;
        this.zh = requireNonNull(zh, "zh is null");
        this.en = requireNonNull(en, "en is null");
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String zh() {
        return zh;
    }

    @Override
    public String en() {
        return en;
    }
}
