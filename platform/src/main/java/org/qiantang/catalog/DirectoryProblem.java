package org.qiantang.catalog;

import org.qiantang.core.Problem;

/** Why a directory's entry does not become what somebody wants it to become. */
public enum DirectoryProblem implements Problem.Code {
    NOT_YOURS(
            "directory.not_yours",
            403,
            "无法执行“{act}”：这一步由{who}办理。请联系对方。",
            "Cannot do \"{act}\": this step belongs to {who}. Ask them."),
    SAME_PERSON(
            "directory.same_person",
            403,
            "无法发布：提交与审核不能是同一人。请由另一位数据局工程师审核。",
            "Cannot publish: whoever submitted may not review. Let another engineer of the bureau do it."),
    WRONG_STATE(
            "directory.wrong_state",
            409,
            "无法执行“{act}”：该目录项现为“{state}”。请刷新后按当前状态办理。",
            "Cannot do \"{act}\": the entry is {state} now. Reload it and go on from there."),
    CHANGED_MEANWHILE(
            "directory.changed_meanwhile",
            409,
            "无法保存：{who} 已在此期间改过该目录项。请对照两个版本后再保存。",
            "Cannot save: {who} has changed the entry meanwhile. Compare both states and save again."),
    INCOMPLETE(
            "directory.incomplete",
            422,
            "无法执行“{act}”：目录项有 {count} 处不符合编制要求。请按提示逐项补正。",
            "Cannot do \"{act}\": the entry breaks {count} of the directory's rules. Mend them one by one as they say."),
    RESOURCE_STATED(
            "directory.resource_stated",
            409,
            "无法新建：数据“{resource}”已有目录项。请打开该目录项修改。",
            "Cannot state it: the directory has an entry about \"{resource}\". Open and change that one."),
    NO_FORM(
            "directory.no_form",
            400,
            "无法读取该文件：其中没有“{header}”一列。请用导出的编制表填写，保存为 xlsx 或 CSV。",
            "Cannot read the file: it has no column \"{header}\". Fill in the exported form and save it as xlsx or CSV."),
    FORM_TOO_LONG(
            "directory.form_too_long",
            413,
            "无法读取该文件：超过 {rows} 行，或解压后过大。请分成几份导入。",
            "Cannot read the file: it has more than {rows} rows, or is too large inside. Bring it in in parts."),
    NO_SUCH_ITEM(
            "directory.no_such_item",
            400,
            "无法使用信息项“{item}”：它不在已发布的目录项中，或已属于另一数据项。请刷新后重新选择。",
            "Cannot use item \"{item}\": no published entry has it, or it belongs to another datum. Reload and choose again."),
    SOURCE_STAYS(
            "directory.source_stays",
            409,
            "无法撤回“{item}”：它是该数据项的权威来源。请先把权威来源变更为另一信息项。",
            "Cannot withdraw \"{item}\": it is the datum's source. Name another source first."),
    LEDGER_CHANGED(
            "directory.ledger_changed",
            409,
            "无法保存：{who} 已在此期间改过这一项台账。请核对现在的内容后再保存。",
            "Cannot save: {who} has changed this thing of the ledger meanwhile. Look at what it is now and save again."),
    IN_THE_LEDGER(
            "directory.in_the_ledger",
            409,
            "无法登记“{name}”：该部门在台账中已有同名的一项。请修改原有的一项，或换一个名称。",
            "Cannot enter \"{name}\": the department has one of this name in the ledger. Change that one, or name it apart."),
    WORDS_MISSING(
            "directory.words_missing",
            400,
            "无法执行“{act}”：请写明理由，对方要据此办理。",
            "Cannot do \"{act}\": give a reason, for somebody has to act on it.");

    private final Problem.Wording wording;

    DirectoryProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
