package org.qiantang.share;

import org.qiantang.quality.Words;

/** What can be done with an application, a part of one, or a grant. */
public enum ShareAct {
    EDIT("修改", "edit it"),
    SUBMIT("提交", "submit it"),
    WITHDRAW("撤回", "withdraw it"),
    /** To be completed. */
    RETURN("退回补正", "return it"),
    PASS("通过合规审查", "pass it"),
    REFUSE("不予通过", "refuse it"),
    /** To the source department. */
    FORWARD("转提供部门", "forward it"),
    GRANT("同意共享", "grant it"),
    REJECT("不同意共享", "reject it"),
    NEGOTIATE("提请协商", "negotiate"),
    SAY("发表意见", "say something"),
    REMIND("逾期提醒", "remind of it"),
    ESCALATE("提请数据局协调", "escalate it"),
    USE("开始使用", "use it"),
    CHANGE("变更授权", "change it"),
    SUSPEND("暂停", "suspend it"),
    RESUME("恢复", "resume it"),
    REVOKE("撤销", "revoke it"),
    EXPIRE("到期", "let it expire"),
    RENEW("续期", "renew it");

    private final Words words;

    ShareAct(String zh, String en) {
        words = new Words(zh, en);
    }

    public Words words() {
        return words;
    }

    String named() {
        return words.zh() + " (" + words.en() + ")";
    }
}
