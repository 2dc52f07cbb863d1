package org.qiantang.share;

import org.qiantang.core.Problem;

/** Why something about applications and grants cannot be done. */
public enum ShareProblem implements Problem.Code {
    NO_DEPARTMENT(
            "share.no_department",
            403,
            "无法申请共享：该账号不属于任何部门。请联系平台管理员。",
            "Cannot apply: this account belongs to no department. Ask the platform's administrator."),
    NOT_YOURS("share.not_yours", 403, "无法{act}：应由{who}办理。", "Cannot {act}: this is for {who} to do."),
    OWN_APPLICATION(
            "share.own_application",
            403,
            "无法{act}：不能审核或答复自己提交的申请。请由其他人员办理。",
            "Cannot {act}: nobody answers their own application. Let somebody else do it."),
    WRONG_STATE(
            "share.wrong_state",
            409,
            "无法{act}：现在是“{state}”。请刷新后查看可以做什么。",
            "Cannot {act}: it is {state} now. Load it again to see what can be done."),
    CHANGED_MEANWHILE(
            "share.changed_meanwhile",
            409,
            "无法保存：刚才已有人改过这份申请。请看过最新内容后再改。",
            "Cannot save: somebody has just changed this application. Look at it as it is now, then change it."),
    NOT_AVAILABLE(
            "share.not_available",
            409,
            "无法申请“{title}”：目录中还没有发布，或者还没有归集到数据。请联系其提供部门。",
            "Cannot apply for {title}: it is not published in the directory, or nothing of it is collected yet. Ask its department."),
    OWN_DATA(
            "share.own_data",
            409,
            "无需申请“{title}”：它本来就由您的部门提供。",
            "No need to apply for {title}: your own department provides it."),
    INCOMPLETE(
            "share.incomplete",
            409,
            "无法提交：还有 {count} 处需要补充或更正。请按提示修改后再提交。",
            "Cannot submit: {count} things are missing or wrong. Mend what is named, then submit."),
    ATTACHMENT_NAME(
            "share.attachment_name",
            400,
            "无法添加附件：文件名要有 1 到 200 个字，不能含有 / \\ : * ? \" < > | 和控制字符。请改名后再添加。",
            "Cannot add the file: its name needs 1 to 200 characters, none of them / \\ : * ? \" < > | or a control. Rename it first."),
    ATTACHMENT_KIND(
            "share.attachment_kind",
            400,
            "无法添加附件“{name}”：只收 {kinds} 文件，而且内容要与扩展名一致。请转换格式后再添加。",
            "Cannot add {name}: only {kinds} files are taken, and their content has to be what the name says. Convert it first."),
    TOO_MANY_ATTACHMENTS(
            "share.too_many_attachments",
            409,
            "无法添加附件：一份申请最多 {most} 个附件。请先删去不需要的。",
            "Cannot add the file: an application has {most} files at the most. Remove one first."),
    WORDS_MISSING("share.words_missing", 400, "无法{act}：必须写明{what}。", "Cannot {act} without {what}."),
    WIDER_THAN_ASKED(
            "share.wider_than_asked",
            409,
            "无法授权：{what}超出了申请的范围。只能按申请授权，或者缩小范围。",
            "Cannot grant this: {what} goes beyond what was asked for. Grant what was asked, or less."),
    PERIOD_OVER(
            "share.period_over",
            409,
            "无法授权：申请的使用期限已经过去。请申请部门撤回后重新申请。",
            "Cannot grant this: the period that was asked for is over. Let the department withdraw it and apply anew."),
    QUOTA_USED(
            "share.quota_used",
            429,
            "无法依据授权{number}读取：今天的额度已经用完（每天{calls}次、{rows}行）。请明天再试，或向提供部门申请更大的额度。",
            "Cannot read under grant {number}: what may be read today ({calls} calls, {rows} rows a day) has been. Try again tomorrow, or apply"
                    + " for more."),
    NO_JURISDICTION(
            "share.no_jurisdiction",
            409,
            "无法按管辖范围授权：申请人和申请部门都没有管辖的区划。请先在组织机构中补充，或请申请部门改为写明区划代码。",
            "Cannot grant by jurisdiction: neither the applicant nor their department answers for a division. Add one to the organisation, or"
                    + " let the applicant name the codes.");

    private final Problem.Wording wording;

    ShareProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
