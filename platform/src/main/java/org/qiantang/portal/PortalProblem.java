package org.qiantang.portal;

import org.qiantang.core.Problem;

/** Why something about the resident's view, the open portal or the value ledger cannot be done. */
public enum PortalProblem implements Problem.Code {
    PROOF_NOT_READY(
            "portal.proof_not_ready",
            409,
            "暂时还不能出具证明：这次读取刚刚发生，存证正在签名。请稍等几秒再试。",
            "Cannot give the proof yet: this read has only just happened and is being signed. Try again in a few seconds."),
    PROOF_ELSEWHERE(
            "portal.proof_elsewhere",
            409,
            "无法在这里出具证明：这次读取记在另一台服务器的存证日志“{log}”里。请稍后再试，或联系数据局。",
            "Cannot give the proof here: this read is in another server's log, {log}. Try again later, or ask the data bureau."),
    ALREADY_ASKED(
            "portal.already_asked",
            409,
            "您已就这次读取提出过询问，无需重复提出。请在“我的询问”中查看答复。",
            "You have already asked about this read. See the answer among your questions."),
    ALREADY_ANSWERED(
            "portal.already_answered",
            409,
            "无法答复：这个询问已经答复过。请刷新后查看。",
            "Cannot answer: this question has been answered already. Load it again."),
    NOT_YOURS("portal.not_yours", 403, "无法办理：应由{who}办理。", "Cannot do this: it is for {who} to do."),
    NOT_OPEN(
            "portal.not_open",
            403,
            "无法读取“{title}”：它是受限开放数据。请按目录中写明的条件申请。",
            "Cannot read {title}: it is open on conditions. Apply for it as its entry says."),
    NOTHING_YET(
            "portal.nothing_yet",
            409,
            "无法读取“{title}”：暂时没有可开放的数据或字段。请稍后再来。",
            "Cannot read {title}: there are no data or fields of it to open at present. Come again later."),
    NO_SUCH_FIELD(
            "portal.no_such_field",
            400,
            "无法筛选：没有开放的字段“{field}”。请查看该数据的字段说明。",
            "Cannot filter: there is no open field {field}. See the data's fields."),
    FILE_TOO_LARGE(
            "portal.file_too_large",
            413,
            "无法整份下载：数据超过{rows}行。请用接口分页读取。",
            "Cannot download it whole: it has more than {rows} rows. Read it page by page."),
    TOO_MANY_CALLS(
            "portal.too_many_calls",
            429,
            "请求过于频繁：每个地址每分钟最多{calls}次。请一分钟后再试。",
            "Too many calls: an address has {calls} a minute. Try again in a minute."),
    NO_STATISTIC(
            "portal.no_statistic",
            400,
            "无法声明为统计数据：维度须为1至{most}个、计数列至少1个，都须是该数据已开放的字段且不重复，阈值至少为2。",
            "Cannot declare it a statistic: name 1 to {most} dimensions and at least one count, all open fields and none twice, and a threshold of"
                    + " 2 or more."),
    TOO_MANY_CELLS(
            "portal.too_many_cells",
            409,
            "无法开放该统计数据：超过{cells}个单元格，无法逐一核对小单元格。请数源部门拆分后再开放。",
            "Cannot open this statistic: it has more than {cells} cells, too many to look for small ones. Let its department split it."),
    DELAY_WITHOUT_SUBJECT(
            "portal.delay_without_subject", 400, "无法暂缓告知：请写明授权编号或案件编号。", "Cannot delay: name a grant or a case."),
    DELAY_TOO_LONG(
            "portal.delay_too_long",
            400,
            "无法暂缓告知：日期必须晚于现在，并且最长{days}天。到期后仍有必要的，请重新办理。",
            "Cannot delay: the day must lie ahead, at most {days} days. Delay anew if it is still needed then.");

    private final Problem.Wording wording;

    PortalProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
