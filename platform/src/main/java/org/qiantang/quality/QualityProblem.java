package org.qiantang.quality;

import org.qiantang.core.Problem;

/** Why something about rules, tickets or objections cannot be done. */
public enum QualityProblem implements Problem.Code {
    NOT_YOURS(
            "quality.not_yours",
            403,
            "无法改动质量规则：这份数据由{department}负责，只有该部门和数据局的人员可以改动。",
            "Cannot change this rule: {department} answers for the data; only its people and the data bureau's may."),
    NOT_YOURS_TO_READ(
            "quality.not_yours_to_read",
            403,
            "无法使用表 {table}：它不由您的部门负责。请把规则交给数据局制定。",
            "Cannot read {table} in a rule: your department does not answer for it. Ask the data bureau to make this rule."),
    RULE_INCOMPLETE(
            "quality.rule_incomplete",
            400,
            "无法保存规则：{kind} 需要正确的 {what}。请补全后重试。",
            "Cannot save the rule: {kind} needs a proper {what}. Complete it and try again."),
    NO_SUCH_COLUMN(
            "quality.no_such_column",
            400,
            "无法使用该规则：表 {table} 没有列 {column}。请重新选择。",
            "Cannot use this rule: {table} has no column {column}. Choose another."),
    RULE_HAS_TICKET(
            "quality.rule_has_ticket",
            409,
            "无法改动该规则：它查出的问题还有未办结的工单。请先整改，或请数据局改动规则。",
            "Cannot change this rule: a ticket about what it found is still open. Mend that first, or ask the data bureau to change it."),
    CHANGED_MEANWHILE(
            "quality.changed_meanwhile",
            409,
            "无法保存：刚才已有人改过。请看过最新情况后再改。",
            "Cannot save: somebody has just changed it. Look at it as it is now, then change it."),
    NO_ROWS_TO_SHOW(
            "quality.no_rows_to_show",
            409,
            "无法列出记录：该规则看的是整张表，不是逐条记录。",
            "Cannot list rows: this rule looks at the table as a whole."),
    TICKET_NOT_YOURS(
            "quality.ticket_not_yours",
            403,
            "无法{act}：工单已派给{who}，只有其人员可以处理。",
            "Cannot {act}: the ticket is with {who}; only its people may do this."),
    TICKET_WRONG_STATE(
            "quality.ticket_wrong_state",
            409,
            "无法{act}：工单现在是“{state}”。请刷新后查看可以做什么。",
            "Cannot {act}: the ticket is {state} now. Load it again to see what can be done."),
    OBJECTION_NOT_YOURS(
            "quality.objection_not_yours", 403, "无法{act}：该异议由{who}处理。", "Cannot {act}: the objection is with {who}."),
    OBJECTION_WRONG_STATE(
            "quality.objection_wrong_state",
            409,
            "无法{act}：该异议现在是“{state}”。请刷新后查看可以做什么。",
            "Cannot {act}: the objection is {state} now. Load it again to see what can be done."),
    NOT_IDENTIFIED(
            "quality.not_identified",
            403,
            "无法查找您的记录：该账号还没有绑定身份证号或统一社会信用代码。请联系平台管理员。",
            "Cannot look for your records: this account is not bound to an identity number or credit code yet. Ask the platform's"
                    + " administrator."),
    NOT_ABOUT_YOU(
            "quality.not_about_you",
            404,
            "没有找到关于您的这条记录：它可能刚刚更正或删除。请重新查询。",
            "Cannot find this record about you: it may have just been corrected or removed. Look again."),
    KEPT_BY_LAW(
            "quality.kept_by_law",
            403,
            "无法查看这些记录：依照{law}，本人暂不能查阅。如有疑问，请向提供部门或数据局咨询。",
            "Cannot show these records: by {law} they are kept from whom they are about. Ask their department or the data bureau."),
    ALREADY_OBJECTED(
            "quality.already_objected",
            409,
            "您对这条记录的这一项已提出异议，正在处理中，无需重复提出。",
            "You have already objected to this item of this record; it is being handled.");

    private final Problem.Wording wording;

    QualityProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
