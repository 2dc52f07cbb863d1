package org.qiantang.collect;

import org.qiantang.core.Problem;

/** What can go wrong when a department's source is collected, each under a name that stays. */
public enum CollectProblem implements Problem.Code {
    SOURCE_UNREACHABLE("collect.source_unreachable", 422, "无法读取来源：{reason}", "The source cannot be reached: {reason}"),
    SOURCE_CHANGED(
            "collect.source_changed",
            409,
            "文件“{file}”在读取期间发生了变化：{reason}。请在其不再变动后重新归集。",
            "File \"{file}\" changed while it was being read: {reason}. Collect it again when it is at rest."),
    UNSUPPORTED_FORMAT("collect.unsupported_format", 422, "不支持的文件格式：{reason}", "Not a format that is read: {reason}"),
    NOT_A_TABLE("collect.not_a_table", 422, "文件内容不是表格：{reason}", "The file holds no table: {reason}"),
    EMPTY_FILE("collect.empty_file", 422, "文件为空：{reason}", "The file is empty: {reason}"),
    CORRUPT_FILE("collect.corrupt_file", 422, "文件已损坏：{reason}", "The file is damaged: {reason}"),
    ENCRYPTED_FILE(
            "collect.encrypted_file",
            422,
            "文件有密码保护：{reason}。请提供未加密的文件。",
            "The file is protected by a password: {reason}. Provide it without one."),
    FILE_TOO_LARGE("collect.file_too_large", 422, "文件超出限制：{reason}", "The file is beyond a limit: {reason}"),
    TOO_MANY_COLUMNS("collect.too_many_columns", 422, "列数过多：{reason}", "There are too many columns: {reason}"),
    NO_FILE_ACCESS("collect.no_file_access", 422, "没有读取权限：{reason}", "It may not be read: {reason}"),
    SYMBOLIC_LINK(
            "collect.symbolic_link",
            422,
            "不跟随指向文件夹之外的符号链接：{reason}",
            "A symbolic link out of the folder is not followed: {reason}"),
    RAGGED_ROW("collect.ragged_row", 422, "字段数不符：{reason}", "The row has another number of fields: {reason}"),
    STRAY_QUOTE("collect.stray_quote", 422, "引号位置错误：{reason}", "A quote stands where none may: {reason}"),
    UNCLOSED_QUOTE("collect.unclosed_quote", 422, "引号未闭合：{reason}", "A quote is not closed: {reason}"),
    ROW_TOO_LONG("collect.row_too_long", 422, "行过长：{reason}", "The row is too long: {reason}"),
    INVALID_ENCODING("collect.invalid_encoding", 422, "编码错误：{reason}", "Bytes do not fit the encoding: {reason}");

    private final String id;
    private final int status;
    private final String zh;
    private final String en;

    CollectProblem(String id, int status, String zh, String en) {
        this.id = id;
        this.status = status;
        this.zh = zh;
        this.en = en;
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
