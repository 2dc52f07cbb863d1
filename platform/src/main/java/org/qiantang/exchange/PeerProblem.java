package org.qiantang.exchange;

import org.qiantang.core.Problem;

/** Why something between two installations cannot be done. */
public enum PeerProblem implements Problem.Code {
    NO_ADDRESS(
            "exchange.no_address",
            409,
            "无法互联：本平台还没有对外地址。请平台管理员设置 qiantang.public-url。",
            "Cannot peer: this installation has no address of its own yet. The administrator sets qiantang.public-url."),
    BAD_CARD(
            "exchange.bad_card",
            400,
            "无法登记：名片不对（{what}）。请向对方重新索取。",
            "Cannot take the card: {what} is wrong. Ask the other side for it again."),
    NAME_TAKEN(
            "exchange.peer_exists",
            409,
            "无法登记：该名称或密钥已属于另一个互联平台。请换一个名称，或先核对已有的互联。",
            "Cannot take the card: its name or its key belongs to a peer already. Choose another name, or look at that peer."),
    FINGERPRINT_DIFFERS(
            "exchange.fingerprint_differs",
            409,
            "无法确认：指纹与本侧显示的不一致。请勿确认，先与对方重新交换名片。",
            "Cannot confirm: the fingerprint is not the one shown here. Do not confirm; exchange the cards again."),
    ONE_PERSON(
            "exchange.another_confirms",
            403,
            "无法确认：登记名片的人不能自己确认。请由另一人核对指纹后确认。",
            "Cannot confirm: whoever entered the card does not confirm it. Somebody else compares the fingerprint and confirms."),
    WRONG_STATE("exchange.peer_state", 409, "无法操作：该互联处于 {state} 状态。", "Cannot do this: the peer is {state}."),
    NOT_CONFIRMED(
            "exchange.peer_not_confirmed",
            403,
            "无法受理：两侧尚未都确认互联，或互联已暂停、终止（{state}）。请两侧核对指纹并确认。",
            "Cannot take this: both sides have not confirmed each other, or one has suspended or ended it ({state}). Compare the"
                    + " fingerprints and confirm."),
    AWAY(
            "exchange.peer_away",
            503,
            "无法办理：对方平台没有应答（{reason}）。本平台的其他功能不受影响，请稍后再试。",
            "Cannot do this: the other installation does not answer ({reason}). Everything else here goes on; try again later."),
    REFUSED("exchange.peer_refused", 409, "对方平台未受理（{code}）：{zh}", "The other installation refuses ({code}): {en}"),
    NO_GRANT(
            "exchange.no_peer_grant",
            403,
            "无法使用：本部门在该平台没有有效的授权。请先向该平台申请。",
            "Cannot use this: your department has no grant in force there. Apply for it first."),
    WHICH_GRANT(
            "exchange.which_peer_grant",
            400,
            "无法确定依据哪个授权：本部门在该平台有{grants}。请用 X-Grant 或 grant 写明一个。",
            "Cannot tell which grant is meant: your department has {grants} there. Name one by X-Grant or grant."),
    NOT_YOURS("exchange.application_not_yours", 403, "无法{act}：应由{who}办理。", "Cannot {act}: this is for {who} to do."),
    OWN_APPLICATION(
            "exchange.own_application",
            403,
            "无法{act}：不能放行自己提交的申请。请由其他人员办理。",
            "Cannot {act}: nobody releases their own application. Let somebody else do it."),
    APPLICATION_STATE(
            "exchange.application_state",
            409,
            "无法{act}：现在是“{state}”。请刷新后查看可以做什么。",
            "Cannot {act}: it is {state} now. Load it again to see what can be done."),
    CHANGED_MEANWHILE(
            "exchange.application_changed",
            409,
            "无法保存：刚才已有人改过这份申请。请看过最新内容后再改。",
            "Cannot save: somebody has just changed this application. Look at it as it is now, then change it."),
    INCOMPLETE(
            "exchange.application_incomplete",
            409,
            "无法提交：还有 {count} 处需要补充或更正。请按提示修改后再提交。",
            "Cannot submit: {count} things are missing or wrong. Mend what is named, then submit."),
    NOT_OFFERED(
            "exchange.not_offered",
            409,
            "无法申请：对方平台的目录中没有所选的资源。请刷新目录后重新选择。",
            "Cannot apply: the other installation's directory does not offer what was chosen. Load it again and choose anew."),
    WORDS_MISSING("exchange.words_missing", 400, "无法{act}：必须写明{what}。", "Cannot {act} without {what}.");

    private final Problem.Wording wording;

    PeerProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
