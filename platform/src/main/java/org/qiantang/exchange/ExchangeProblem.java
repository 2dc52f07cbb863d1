package org.qiantang.exchange;

import org.qiantang.core.Problem;

/** Why something about subscriptions cannot be done. */
public enum ExchangeProblem implements Problem.Code {
    TOKEN_ENDED(
            "exchange.token_ended",
            401,
            "变更流已结束：访问令牌已到期，或者该客户端不再有此权限。请取得新令牌，从最后一个事件（Last-Event-ID）继续。",
            "The stream has ended: the access token has, or the client may not do this any more. Get a new token and go on from the last event"
                    + " (Last-Event-ID)."),
    NOT_A_POSITION(
            "exchange.not_a_position",
            400,
            "无法从该位置读取：它不是这个订阅给出的位置。请使用事件或确认结果中的 position，或从头重新同步。",
            "Cannot read from there: this subscription never gave out that position. Use the position of an event or of an"
                    + " acknowledgement, or begin again from the earliest."),
    TOO_OLD(
            "exchange.too_old",
            410,
            "无法从该位置继续：它之后的变更已不再保留。请从头重新同步（earliest）。",
            "Cannot go on from there: the changes after it are not kept any more. Begin again from the earliest."),
    NOT_DELIVERED(
            "exchange.not_delivered",
            409,
            "无法确认到该位置：它之前的事件还没有全部送出，或者已经确认过更后的位置。",
            "Cannot acknowledge up to there: not all before it has been delivered, or more has been acknowledged already."),
    ACKNOWLEDGE_FIRST(
            "exchange.acknowledge_first",
            409,
            "无法继续读取：未确认的变更批次已达{most}个。请先确认已处理到的位置。",
            "Cannot read on: {most} steps are not acknowledged yet. Acknowledge what has been taken in first."),
    ENDED("exchange.ended", 409, "无法操作：该订阅已经终止。请新建订阅。", "Cannot do this: the subscription has ended. Make another."),
    OTHER_DELIVERY(
            "exchange.other_delivery",
            409,
            "无法操作：该订阅的送达方式是{delivery}。",
            "Cannot do this: the subscription is delivered by {delivery}."),
    RECEIVER_NOT_ALLOWED(
            "exchange.receiver_not_allowed",
            400,
            "无法使用该接收地址：{reason}。请更换地址，或请平台管理员将该主机列入 qiantang.webhooks.hosts。",
            "Cannot use this receiver: {reason}. Choose another address, or ask the administrator to add its host to"
                    + " qiantang.webhooks.hosts."),
    RECEIVER_GONE(
            "exchange.receiver_gone",
            410,
            "接收系统答复不再接收（410）。请与接收系统核对后恢复推送。",
            "The receiver says that it takes no more (410). Speak with those who run it, then resume."),
    ACCOUNT_GONE(
            "exchange.account_gone",
            403,
            "无法送达：建立该订阅的账号已停用。请由本部门其他人员接管。",
            "Cannot deliver: the account that made the subscription is not in use any more. Let somebody else of the department take it over."),
    LETTER_SETTLED(
            "exchange.letter_settled",
            409,
            "无法处理：这批事件已经处理过。",
            "Cannot do this: these events have been dealt with already."),
    NOT_TAKEN(
            "exchange.not_taken",
            502,
            "接收系统没有收下：{failure}。请检查接收系统后重试。",
            "The receiver did not take it: {failure}. Look at it, then try again."),
    TOO_MANY(
            "exchange.too_many",
            429,
            "无法建立：一个授权最多{most}个订阅。请先终止不用的订阅。",
            "Cannot make another: a grant has {most} subscriptions at the most. End one that is not used."),
    MIRRORED_ALREADY(
            "exchange.mirrored_already",
            409,
            "无需再次跟踪：表“{table}”已经在来源“{source}”中跟踪入湖。",
            "There is no need: table \"{table}\" is followed into source \"{source}\" already."),
    OTHER_SOURCE(
            "exchange.other_source",
            409,
            "无法跟踪到来源“{source}”：它不是本部门接收该对等平台的来源。请换一个来源名称。",
            "Cannot follow into source \"{source}\": it is not one of your department for this peer. Choose another name."),
    PEER_SILENT(
            "exchange.peer_silent",
            503,
            "等待对等平台：{reason}。已收到的数据不受影响，恢复后自动续传。",
            "Waiting for the peer: {reason}. What has come is safe, and the rest comes by itself when it is back."),
    SOURCE_STOPPED(
            "exchange.source_stopped",
            409,
            "暂停接收：来源“{source}”已停止跟踪或已移除。请在来源页面重新开始跟踪，或终止这张表的跟踪。",
            "Nothing is taken for the moment: source \"{source}\" is not followed any more or is gone. Begin following it again, or end"
                    + " this table."),
    PEER_REFUSES("exchange.peer_refuses", 409, "对等平台没有同意（{code}）：{zh}", "The peer refuses ({code}): {en}"),
    LAKE_BEHIND(
            "exchange.lake_behind",
            503,
            "暂停接收：已收到的数据还在等待入湖。入湖后自动继续。",
            "Nothing more is taken for the moment: what has come waits for the lake. It goes on by itself."),
    ANSWER_WRONG(
            "exchange.answer_wrong",
            502,
            "对等平台“{peer}”的答复与所请求的内容不符，没有收下。请与对方核对版本。",
            "The answer of peer \"{peer}\" is not one to what was asked, and was not taken. Compare versions with them."),
    TOO_MANY_STREAMS(
            "exchange.too_many_streams",
            429,
            "无法打开事件流：同时打开的事件流已达上限。请稍后重试，或改用拉取。",
            "Cannot open the stream: as many are open as may be. Try again later, or pull."),
    NOT_PROVED(
            "exchange.not_proved",
            409,
            "没有改用新地址：该地址没有原样答复验证码（{failure}），无法确认它属于本接收系统。原地址继续有效。请让接收系统答复收到的 challenge 后重试。",
            "The address stays as it was: the new one did not answer with the challenge ({failure}), so nobody knows that it is the"
                    + " receiver's. Let the receiver answer with the challenge it gets, then try again."),
    NOTE_MISSING("exchange.note_missing", 400, "无法丢弃：必须说明理由。", "Cannot discard this without saying why.");

    private final Problem.Wording wording;

    ExchangeProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
