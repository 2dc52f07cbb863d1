package org.qiantang.core;

/** Why a signed message of another installation does not count. */
public enum SignatureProblem implements Problem.Code {
    MISSING(
            "core.signature_missing",
            401,
            "无法受理：报文没有签名，或签名没有覆盖{what}。请由已互联的平台签名后发送。",
            "Cannot take this: the message is not signed, or its signature does not cover {what}. It must come signed from a peer."),
    MALFORMED(
            "core.signature_malformed",
            400,
            "无法受理：签名的写法不对（{what}）。请按 RFC 9421 签名。",
            "Cannot take this: the signature is not written as RFC 9421 says ({what})."),
    KEY_UNKNOWN(
            "core.signature_key_unknown",
            401,
            "无法受理：不认识签名密钥 {key}。请两侧核对名片与指纹。",
            "Cannot take this: the key {key} is not known here. Both sides compare their cards and fingerprints."),
    WRONG(
            "core.signature_wrong",
            401,
            "无法受理：签名与报文不符，报文在途中被改动，或两侧登记的地址不一致。请核对互联地址后重试。",
            "Cannot take this: the signature is not of this message; it was changed on its way, or the two sides know different"
                    + " addresses. Compare the addresses of both cards and try again."),
    DIGEST_WRONG(
            "core.signature_digest_wrong",
            400,
            "无法受理：内容与其摘要不符，内容在途中被改动。请重新发送。",
            "Cannot take this: the content is not what its digest says; it was changed on its way. Send it again."),
    CLOCK(
            "core.signature_clock",
            401,
            "无法受理：签名时间与本机相差{seconds}秒，超出允许的{most}秒。请两侧校准时钟。",
            "Cannot take this: it was signed {seconds} seconds away from this side's clock, and {most} are allowed. Set both clocks."),
    REPLAYED(
            "core.signature_replayed",
            401,
            "无法受理：该报文已经收到过一次。请重新签名后发送。",
            "Cannot take this: the message has come before. Sign it anew.");

    private final Problem.Wording wording;

    SignatureProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
