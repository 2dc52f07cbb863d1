package org.qiantang.zone;

import org.qiantang.core.Problem;

/** Why something of authorised operation cannot be done. */
public enum ZoneProblem implements Problem.Code {
    NOT_IN_FORCE(
            "zone.not_in_force",
            403,
            "无法操作：这个授权运营域不在有效期内，或已被撤销。请联系数据局。",
            "Cannot do this: this zone is not in force, or was revoked. Ask the data bureau."),
    DEPARTMENT_HAS_ZONE(
            "zone.department_has_zone",
            409,
            "无法设立：{department}已有一个在用的授权运营域。请在其中变更，或先撤销它。",
            "Cannot begin this: {department} has a zone already. Change that one, or revoke it first."),
    NOT_OF_DEPARTMENT(
            "zone.not_of_department",
            400,
            "无法保存：{what}不属于运营机构。成员须是该单位的账号，授权须是授予该单位的。请更正。",
            "Cannot save: {what} is not the operator's. Members have accounts of its department, grants were given to it. Correct that."),
    WEAKER_THAN_RULE(
            "zone.weaker_than_rule",
            400,
            "无法保存：{what}超出平台的规定（{rule}）。请更正。",
            "Cannot save: {what} goes beyond what holds everywhere ({rule}). Correct that."),
    WRONG_PERIOD(
            "zone.wrong_period",
            400,
            "无法保存：有效期的结束日期须不早于开始日期。请更正。",
            "Cannot save: the period ends before it begins. Correct that."),
    CHANGED_MEANWHILE(
            "zone.changed_meanwhile",
            409,
            "无法保存：刚才已有人改动过。请看过最新内容后再试。",
            "Cannot save: somebody has just changed this. Look at it as it is now, then try again."),
    REASON_NEEDED("zone.reason_needed", 400, "无法办理：请写明{what}。", "Cannot do this: say {what}."),
    RUNS_USED(
            "zone.runs_used",
            429,
            "无法运行：本域今天的运行次数（{runs}）已经用完。请明天再试，或请数据局调整。",
            "Cannot run this: as many runs as this zone may have today ({runs}) were made. Try again tomorrow, or ask the data bureau."),
    NO_TABLE(
            "zone.no_table",
            400,
            "无法运行：语句没有读取任何已授权的表。请写明要用的数据。",
            "Cannot run this: the statement reads none of the granted tables. Name the data it is made of."),
    NO_SUCH_COLUMN(
            "zone.no_such_column",
            400,
            "无法运行：声明的列“{column}”不在结果中。请更正。",
            "Cannot run this: there is no column {column} in the result, but it was declared. Correct that."),
    SAME_COLUMN_TWICE(
            "zone.same_column_twice",
            400,
            "无法运行：结果中有两列都叫“{column}”。请给各列起不同的名字。",
            "Cannot run this: two columns are called {column}. Give each a name of its own."),
    WRONG_DECLARATION(
            "zone.wrong_declaration",
            400,
            "无法运行：列“{column}”声明为 {as}，与结果的种类不符。明细结果不能有计数列，统计结果不能有属性列。请更正。",
            "Cannot run this: column {column} was declared {as}, which does not go with the kind of result. Records have no counts, statistics"
                    + " no attributes. Correct that."),
    WRONG_STATE(
            "zone.wrong_state",
            409,
            "无法办理：它现在是“{state}”状态。请刷新后查看。",
            "Cannot do this: it is {state} now. Load it again."),
    CHECKS_FAILED(
            "zone.checks_failed",
            409,
            "无法带出：结果没有通过检查（{checks}）。请按检查报告修改语句后重新运行。",
            "This cannot leave: the result did not pass the checks ({checks}). Change the statement as the report says and run it again."),
    NOT_ACKNOWLEDGED(
            "zone.not_acknowledged",
            409,
            "无法批准：有需要审核人注意的检查项（{checks}）。请逐项核对后确认。",
            "Cannot approve: some checks need the reviewer's attention ({checks}). Look at each, then say so."),
    FOUR_EYES(
            "zone.four_eyes",
            403,
            "无法审核：审核人不能是运行人或提交人，也不能是运营机构的人员。请由数据局的其他人员审核。",
            "Cannot review this: whoever ran it or handed it in, or is of the operator, does not review it. Let somebody else of the bureau do so."),
    RESULT_GONE(
            "zone.result_gone",
            410,
            "无法读取结果：域内已没有它的数据，或数据与登记的摘要不一致。请重新运行。",
            "Cannot read the result: it is no longer held, or is not what its digest says. Run it again."),
    NOT_REGISTERED(
            "zone.not_registered",
            403,
            "无法下载：这份结果没有登记在有效的数据产品中。请先登记产品；产品撤回后不能下载。",
            "Cannot download this: no data product that stands is registered with it. Register one first; what was withdrawn is not handed out."),
    NOT_FREE(
            "zone.not_free",
            403,
            "无法直接下载：该产品不是公益免费产品。请联系运营机构。",
            "Cannot download this here: the product is not free for the public good. Ask its operator."),
    RELEASE_NEEDED(
            "zone.release_needed",
            409,
            "无法发布：产品没有经审核带出的结果，或其中有不属于本域的。请先关联本域的审核结果。",
            "Cannot publish: the product has no reviewed release, or one of another zone. Name releases of this zone first."),
    FRAGMENT_TOO_SHORT(
            "zone.fragment_too_short",
            400,
            "无法辨认：片段太短。请至少提供 {least} 行。",
            "Cannot recognise this: the piece is too short. Give at least {least} rows.");

    private final Problem.Wording wording;

    ZoneProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
