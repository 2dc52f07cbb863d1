package org.qiantang.org;

import org.qiantang.core.Problem;

/** Why somebody may not come in or go on. */
public enum OrgProblem implements Problem.Code {
    NOT_SIGNED_IN(
            "org.not_signed_in",
            401,
            "无法继续：您尚未登录或登录已过期。请登录。",
            "Cannot go on: you are not signed in, or your session has ended. Sign in."),
    BAD_CREDENTIALS(
            "org.bad_credentials",
            401,
            "无法登录：用户名或密码不正确。请检查后重试。",
            "Cannot sign in: the user name or the password is wrong. Check them and try again."),
    TOO_MANY_ATTEMPTS(
            "org.too_many_attempts",
            429,
            "暂时无法登录：失败次数过多。请在 {seconds} 秒后重试。",
            "Cannot sign in now: too many attempts failed. Try again in {seconds} seconds."),
    NOT_ALLOWED(
            "org.not_allowed",
            403,
            "无法访问：您的角色没有此权限。请向数据局工程师申请。",
            "Cannot open this: your role does not include it. Ask an engineer of the data bureau."),
    NO_CSRF_TOKEN(
            "org.no_csrf_token",
            403,
            "无法执行操作：请求缺少有效的防伪标记。请刷新页面后重试。",
            "Cannot do this: the request lacks a valid anti-forgery token. Reload the page and try again."),
    NO_SUCH_DEPARTMENT(
            "org.no_such_department",
            400,
            "无法使用部门“{department}”：该部门不存在。请从部门列表中选择。",
            "Cannot use department \"{department}\": there is no such department. Choose one from the list.");

    private final Problem.Wording wording;

    OrgProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
