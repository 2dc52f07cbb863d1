package org.qiantang.catalog;

import org.qiantang.core.Problem;

/** Why something of the catalogue or the lake cannot be shown. */
public enum CatalogProblem implements Problem.Code {
    NO_SUCH_TABLE(
            "catalog.no_such_table",
            404,
            "无法查询表 {table}：目录中没有它。请在目录中查找，并按“命名空间.表名”书写。{hint}",
            "Cannot query table {table}: it is not in the catalogue. Look it up there and write it as namespace.table. {hint}"),
    NO_SUCH_SNAPSHOT(
            "catalog.no_such_snapshot",
            404,
            "无法查看该时点的数据：{reason}。请换一个时间或快照号。",
            "Cannot show the data as of then: {reason}. Choose another time or snapshot id."),
    OTHER_TERMS(
            "catalog.other_terms",
            409,
            "无法从这里继续：授权的内容已经变化。请从头重新同步。",
            "Cannot go on from here: the grant says something else by now. Begin again with the whole."),
    SQL_NOT_ALLOWED(
            "catalog.sql_not_allowed",
            400,
            "无法执行该语句：{reason}。这里只能运行一条只读的 SELECT。",
            "Cannot run this statement: {reason}. Only one read-only SELECT may run here."),
    SQL_WRONG(
            "catalog.sql_wrong",
            400,
            "无法理解该语句：{reason}。请更正后重试。",
            "Cannot make sense of this statement: {reason}. Correct it and try again."),
    SQL_TOO_LARGE(
            "catalog.sql_too_large",
            422,
            "无法完成查询：所需内存超出上限。请缩小范围或先汇总。",
            "Cannot finish the query: it needs more memory than one query may have. Narrow it, or aggregate first."),
    SQL_TOO_LONG(
            "catalog.sql_too_long",
            422,
            "无法完成查询：它超过了时限，已被停止。请缩小范围或先汇总。",
            "Cannot finish the query: it ran longer than one query may and was stopped. Narrow it, or aggregate first."),
    /** Not 408: a browser asks again by itself what is answered with that. */
    SQL_STOPPED(
            "catalog.sql_stopped",
            409,
            "查询已按要求停止，没有结果。需要时请重新运行。",
            "The query was stopped as asked; there is no result. Run it again when it is needed."),
    LAKE_UNAVAILABLE(
            "catalog.lake_unavailable",
            503,
            "暂时无法读取数据湖：{reason}。平台正在自行恢复，请稍后重试。",
            "Cannot read the lake now: {reason}. The platform is recovering by itself; try again shortly."),
    NOT_YOURS_TO_CLASSIFY(
            "catalog.not_yours_to_classify",
            403,
            "无法改定分类分级：这份数据由{department}负责，只有该部门和数据局的人员可以改定。",
            "Cannot classify this: {department} answers for the data; only its people and the data bureau's may."),
    DECIDED_MEANWHILE(
            "catalog.decided_meanwhile",
            409,
            "无法保存对“{field}”的改定：刚才已有人改定过，或新归集到的内容改变了建议。请看过最新情况后再决定。",
            "Cannot save what you decided of \"{field}\": somebody else has just decided, or what was collected since is proposed as"
                    + " something else. Look at that first, then decide."),
    NOTHING_TO_UNDO(
            "catalog.nothing_to_undo",
            409,
            "无法撤回：“{field}”没有可撤回的决定。",
            "Cannot undo: nothing that was decided of \"{field}\" still stands."),
    NOT_YOUR_ALARM(
            "catalog.not_your_alarm",
            403,
            "无法处理这条变化提醒：这份数据由{department}负责，只有该部门和数据局的人员可以处理。",
            "Cannot settle this alarm: {department} answers for the data; only its people and the data bureau's may."),
    ALARM_SETTLED(
            "catalog.alarm_settled",
            409,
            "无法标为已知悉：这条变化提醒已经办结。请刷新后查看。",
            "Cannot mark this alarm as seen: it is settled already. Load the list again."),
    NOT_GRANTED(
            "catalog.not_granted",
            403,
            "无法读取表 {table}：它不在所用授权的范围内。请在目录中找到它并申请共享，或换用包含它的授权。",
            "Cannot read table {table}: the grant that is used does not cover it. Find it in the directory and apply for it, or use a grant"
                    + " that covers it."),
    EXPORT_CUT(
            "catalog.export_cut",
            429,
            "导出没有完成：授权{number}今天可取的行数已经用完。请缩小范围、明天再试，或申请更大的额度。",
            "The export did not come to its end: the rows that may be taken under grant {number} today are used up. Narrow it, try again"
                    + " tomorrow, or apply for more."),
    NO_ROOM_FOR_EXTRACT(
            "catalog.no_room_for_extract",
            507,
            "无法生成数据文件：平台的临时存储空间不足。请缩小范围或分批下载；若仍不足，请告知管理员。",
            "Cannot make the file: the platform has not enough room for it. Narrow it, or take it in parts; tell an administrator if that does"
                    + " not help."),
    EXTRACTS_BUSY(
            "catalog.extracts_busy",
            429,
            "暂时无法生成数据文件：您或平台同时进行的下载已达上限。请等其中一个结束后重试。",
            "Cannot make the file now: you have, or the platform has, as many downloads under way as may be. Try again when one of them has"
                    + " ended."),
    NO_GRANT_NAMED(
            "catalog.no_grant_named",
            403,
            "无法读取数据：请说明依据哪一项共享授权。没有授权时，请先在目录中申请共享。",
            "Cannot read data: say under which grant. Without one, apply for sharing in the directory first."),
    TOO_MANY_SAVED(
            "catalog.too_many_saved",
            409,
            "无法保存：已保存了 {most} 条查询。请先删去不用的。",
            "Cannot save: there are {most} queries of yours already. Remove some first."),
    SAVED_TITLE_TAKEN(
            "catalog.saved_title_taken",
            409,
            "无法保存：您已有名为“{title}”的查询。请换一个名称，或更新那一条。",
            "Cannot save: you have a query named {title} already. Choose another name, or change that one."),
    CASE_NEEDED(
            "catalog.case_needed",
            400,
            "无法读取：结果含 L4 敏感数据，必须写明为哪一办件或案件读取。请填写办件或案号后再试。",
            "Cannot read this: the answer holds data of level L4, which is read for a case alone. Give the case's number, then try again."),
    CASE_NEEDED_JOINED(
            "catalog.case_needed_joined",
            400,
            "无法读取：把几张表中同一批人的信息合在一起，敏感级别升为 L4，必须写明为哪一办件或案件读取。请填写办件或案号后再试。",
            "Cannot read this: put together, what several tables say of the same persons is of level L4, which is read for a case alone. Give"
                    + " the case's number, then try again."),
    NO_SUCH_GRANT(
            "catalog.no_such_grant",
            403,
            "无法依据该授权读取：它不存在、不属于您的单位，或现在不在有效期内。请在“共享”中查看本单位的授权。",
            "Cannot read under this grant: there is none, it is not your department's, or it is not in force now. See your department's"
                    + " grants under Sharing."),
    NOTHING_LANDED(
            "catalog.nothing_landed",
            409,
            "无法预览“{name}”：湖中还没有它的数据。请查看归集回执中的原因。",
            "Cannot preview \"{name}\": the lake has no data of it yet. Its receipt says why.");

    private final Problem.Wording wording;

    CatalogProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
