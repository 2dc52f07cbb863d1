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
                    + " fingerprints and confirm.");

    private final Problem.Wording wording;

    PeerProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
