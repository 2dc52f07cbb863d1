package org.qiantang.app.install;

import org.qiantang.core.Problem;

/** Why an installation cannot start, each under a name that stays. */
public enum InstallProblem implements Problem.Code {
    HOME_IN_USE(
            "install.home_in_use",
            409,
            "目录 {home} 正由进程 {pid} 使用（{address}）。请先停止它，或用 --home 指定另一个目录。",
            "Home {home} is in use by process {pid} ({address}). Stop it first, or choose another home with --home."),
    HOME_UNUSABLE(
            "install.home_unusable",
            500,
            "无法使用目录 {home}：{reason}",
            "Home {home} cannot be used: {reason}. Choose another one with --home."),
    NO_INSTALLATION(
            "install.no_installation",
            404,
            "目录 {home} 中没有安装。请用 --home 指定它的目录，或先用 bin/run 启动。",
            "There is no installation in {home}. Name its folder with --home, or start one with bin/run."),
    PORT_IN_USE(
            "install.port_in_use",
            409,
            "端口 {port} 已被占用。请用 --port 指定另一个端口。",
            "Port {port} of 127.0.0.1 is taken. Choose another one with --port."),
    POSTGRES_FAILED(
            "install.postgres_failed",
            500,
            "PostgreSQL 无法启动：{reason}。日志：{log}",
            "PostgreSQL does not start: {reason}. Its log is {log}."),
    DATABASE_UNUSABLE(
            "install.database_unusable",
            500,
            "无法使用数据库 {url}：{reason}。请检查 qiantang.database.url、username 和 password。",
            "Database {url} cannot be used: {reason}. Check qiantang.database.url, username and password."),
    OTHER_DATABASE(
            "install.other_database",
            409,
            "目录 {home} 的数据在{known}，不在{given}。请恢复 qiantang.database.url 的设置，或用 --home 指定另一个目录。",
            "Home {home} keeps its records in {known}, not in {given}. Set qiantang.database.url as it was, or choose another home"
                    + " with --home."),
    CLUSTER_UNUSABLE(
            "install.cluster_unusable",
            500,
            "无法使用查询集群：{reason}。请检查 qiantang.engine 和 qiantang.trino.url、username、password、certificate。",
            "The cluster for queries cannot be used: {reason}. Check qiantang.engine and qiantang.trino.url, username, password"
                    + " and certificate."),
    NO_UNPRIVILEGED_USER(
            "install.no_unprivileged_user",
            500,
            "PostgreSQL 不能以 root 身份运行，且无法切换到普通用户：{reason}。请以普通用户启动。",
            "PostgreSQL must not run as root and no unprivileged user can be used: {reason}. Start as an ordinary user."),
    TOOL_MISSING(
            "install.tool_missing",
            500,
            "缺少系统工具 {tool}（util-linux）。请先安装。",
            "The system tool {tool} is missing. Install the package util-linux."),
    CITY_UNUSABLE(
            "install.city_unusable",
            422,
            "无法使用城市目录 {folder}：{reason}。其内容见 docs/second-city.md。",
            "The city in {folder} cannot be used: {reason}. docs/second-city.md says what such a folder holds."),
    OTHER_CITY(
            "install.other_city",
            409,
            "目录 {home} 中的演示城市是{known}，不能改为 {folder}。请用 --home 指定另一个目录。",
            "The demo city of home {home} is {known} and cannot become that of {folder}. Choose another home with --home."),
    HUB_FAILED(
            "install.hub_failed",
            500,
            "平台无法启动：{reason}。日志：{log}",
            "The hub does not start: {reason}. Its log is {log}.");

    private final Problem.Wording wording;

    InstallProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
