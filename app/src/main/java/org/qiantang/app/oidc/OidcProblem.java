package org.qiantang.app.oidc;

import org.qiantang.core.Problem;

/** Why somebody who came from a provider of identities is not let in. */
public enum OidcProblem implements Problem.Code {
    UNREACHABLE(
            "oidc.unreachable",
            503,
            "暂时无法用“{provider}”登录：联系不上它，或它的应答不完整。请稍后再试，或用本平台的密码登录。",
            "Cannot sign in by \"{provider}\" now: it cannot be reached, or answers incompletely. Try again later, or sign in by password."),
    NO_PUBLIC_URL(
            "oidc.no_public_url",
            503,
            "暂时无法用统一身份登录：平台不知道自己的对外地址。请运维人员设置 qiantang.public-url，或先用本平台的密码登录。",
            "Cannot sign in by a provider now: the platform does not know its own address. Let the operator set qiantang.public-url, or sign"
                    + " in by password."),
    REFUSED(
            "oidc.refused",
            401,
            "无法登录：“{provider}”没有放行（{reason}）。请重新登录；如仍不行，请联系系统管理员。",
            "Cannot sign in: \"{provider}\" did not agree ({reason}). Sign in again; if it stays so, ask the system administrator."),
    BAD_STATE(
            "oidc.bad_state",
            401,
            "无法登录：这次登录不是从本浏览器的登录页开始的，或已超过十分钟。请回到登录页重新开始。",
            "Cannot sign in: this did not begin at the sign-in page in this browser, or took over ten minutes. Begin again there."),
    BAD_NONCE(
            "oidc.bad_nonce",
            401,
            "无法登录：“{provider}”的凭证不是为这次登录签发的。请重新登录；如再次出现，请告知系统管理员。",
            "Cannot sign in: the token of \"{provider}\" was not made for this sign-in. Sign in again; if it recurs, tell the system"
                    + " administrator."),
    WRONG_ISSUER(
            "oidc.wrong_issuer",
            401,
            "无法登录：凭证不是“{provider}”签发的。请重新登录；如再次出现，请告知系统管理员。",
            "Cannot sign in: the answer is not of \"{provider}\". Sign in again; if it recurs, tell the system administrator."),
    WRONG_AUDIENCE(
            "oidc.wrong_audience",
            401,
            "无法登录：“{provider}”的凭证是签发给另一个系统的。请告知系统管理员。",
            "Cannot sign in: the token of \"{provider}\" was made for another system. Tell the system administrator."),
    EXPIRED(
            "oidc.expired",
            401,
            "无法登录：“{provider}”的凭证已过期或尚未生效。请重新登录；如再次出现，请系统管理员核对两边的时钟。",
            "Cannot sign in: the token of \"{provider}\" has expired or is not valid yet. Sign in again; if it recurs, let the system"
                    + " administrator compare both clocks."),
    BAD_TOKEN(
            "oidc.bad_token",
            401,
            "无法登录：“{provider}”的凭证没有有效的签名，或缺少必需的内容。请告知系统管理员。",
            "Cannot sign in: the token of \"{provider}\" has no valid signature, or lacks what it must say. Tell the system administrator.");

    private final Problem.Wording wording;

    OidcProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
