package org.qiantang.org;

import java.util.Set;
import org.qiantang.core.Problem;

/** Why somebody may not come in or go on, and what is wrong with what they tell of the organisation. */
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
            "无法访问：您的角色没有此权限。请向安全管理员申请。",
            "Cannot open this: your role does not include it. Ask the security administrator."),
    NO_CSRF_TOKEN(
            "org.no_csrf_token",
            403,
            "无法执行操作：请求缺少有效的防伪标记。请刷新页面后重试。",
            "Cannot do this: the request lacks a valid anti-forgery token. Reload the page and try again."),
    EVIDENCE_UNAVAILABLE(
            "org.evidence_unavailable",
            503,
            "暂时无法执行：存证日志写不进去（{reason}），而没有存证就不放行。请稍后重试；若再次出现，请告诉管理员。",
            "Cannot do this now: the evidence log takes nothing ({reason}), and nothing happens without evidence. Try again shortly; if it"
                    + " happens again, tell the administrator."),
    NO_SUCH_DEPARTMENT(
            "org.no_such_department",
            400,
            "无法使用部门“{department}”：该部门不存在。请从部门列表中选择。",
            "Cannot use department \"{department}\": there is no such department. Choose one from the list."),
    SECOND_FACTOR_NEEDED(
            "org.second_factor_needed",
            401,
            "还差一步：请输入验证器上的六位验证码，或一个恢复码。",
            "One step is left: enter the six digits of your authenticator, or a recovery code."),
    BAD_CODE(
            "org.bad_code",
            401,
            "无法通过：验证码不正确，或已用过一次。请等验证器换成下一个再试。",
            "Cannot go on: the code is wrong, or was used once already. Wait for the next one and try again."),
    ACCOUNT_LOCKED(
            "org.account_locked",
            429,
            "暂时无法登录：该账号失败次数过多，已被锁定。请在 {seconds} 秒后重试，或请安全管理员解锁。",
            "Cannot sign in now: too many attempts failed, and the account is locked. Try again in {seconds} seconds, or ask the security"
                    + " administrator to unlock it."),
    ACCOUNT_DISABLED(
            "org.account_disabled",
            403,
            "无法登录：该账号已停用。请联系系统管理员。",
            "Cannot sign in: the account is disabled. Ask the system administrator."),
    INSIDE_ZONE(
            "org.inside_zone",
            403,
            "无法使用：您所在单位在授权运营域内工作，数据只能在域内运行使用，结果审核通过后方可带出。请到“授权运营”中操作。",
            "Cannot use this: your department works inside an authorised operation zone, where data are used by runs and only results that"
                    + " passed review leave. Go on under Authorised operation."),
    KEEPERS_CANNOT_BE_ENCLOSED(
            "org.keepers_cannot_be_enclosed",
            409,
            "无法让{department}进入授权运营域：其中有平台的管理人员（{accounts}）。请另设运营机构的部门，或先调整这些账号。",
            "Cannot put {department} inside a zone: people who keep the platform are of it ({accounts}). Make a department for the operator, or"
                    + " move these accounts first."),
    ZONE_MEMBER_IS_NO_ROLE(
            "org.zone_member_is_no_role",
            400,
            "无法授予“运营机构人员”：它由所在单位决定，不单独授予。请由数据局把该单位设为授权运营域的运营机构。",
            "Cannot give the role of a zone's member: it comes with the department and by nothing else. Let the data bureau begin a zone for the"
                    + " department."),
    OBLIGED(
            "org.obliged",
            403,
            "暂时无法使用：请先修改初始密码、设置双因素验证。",
            "Cannot use this yet: change the first password and set the second factor first."),
    OBLIGED_TO_CHANGE_PASSWORD(
            "org.obliged_to_change_password",
            403,
            "暂时无法使用：请先修改初始密码。",
            "Cannot use this yet: change the first password first."),
    OBLIGED_TO_SET_SECOND_FACTOR(
            "org.obliged_to_set_second_factor",
            403,
            "暂时无法使用：请先设置双因素验证。",
            "Cannot use this yet: set the second factor first."),
    INVITATION_ENDED(
            "org.invitation_ended",
            403,
            "无法登录：这个初始密码已经用过一次，或已过期。如果不是您本人用的，请告诉安全管理员；请系统管理员重置密码。",
            "Cannot sign in: this first password was used once already, or has ended. If it was not you who used it, tell the security"
                    + " administrator; ask the system administrator for a new one."),
    SECOND_FACTOR_IS_SET(
            "org.second_factor_is_set",
            409,
            "无法再次设置双因素验证：已经设置过。如验证器遗失，请安全管理员重置。",
            "Cannot set the second factor again: it is set. If the authenticator is lost, ask the security administrator to reset it."),
    PASSWORD_TOO_SHORT(
            "org.password_too_short",
            400,
            "无法使用这个密码：太短。请至少使用 {least} 个字符，例如连用几个不相干的词。",
            "Cannot use this password: it is too short. Use at least {least} characters, such as some words that do not belong together."),
    PASSWORD_TOO_LONG(
            "org.password_too_long",
            400,
            "无法使用这个密码：太长。请不超过 {most} 个字符。",
            "Cannot use this password: it is too long. Keep it within {most} characters."),
    PASSWORD_HAS_NAME(
            "org.password_has_name",
            400,
            "无法使用这个密码：其中含有用户名或姓名。请换一个。",
            "Cannot use this password: it contains the user name or the person's name. Choose another."),
    PASSWORD_COMMON(
            "org.password_common",
            400,
            "无法使用这个密码：它是最常见的密码之一，最先被人猜到。请换一个。",
            "Cannot use this password: it is among the most common, which are guessed first. Choose another."),
    PASSWORD_SAME(
            "org.password_same",
            400,
            "无法使用这个密码：与原密码相同。请换一个。",
            "Cannot use this password: it is the one you have. Choose another."),
    BAD_USERNAME(
            "org.bad_username",
            400,
            "无法创建账号“{username}”：用户名须以小写字母开头，由 2 到 40 个小写字母、数字、点、下划线或短横组成。请更正。",
            "Cannot make account \"{username}\": a user name begins with a small letter and has 2 to 40 small letters, digits, dots,"
                    + " underscores or hyphens. Correct it."),
    USERNAME_TAKEN(
            "org.username_taken",
            409,
            "无法创建账号“{username}”：已有同名账号。请换一个用户名。",
            "Cannot make account \"{username}\": there is one of that name. Choose another."),
    RESIDENT_ALONE(
            "org.resident_alone",
            409,
            "无法授予角色：居民、企业账号只能查看与本人（本单位）有关的记录，不能兼任工作人员。请另建账号。",
            "Cannot give these roles: a resident's account sees what is about them alone and is nobody's who works here. Make another"
                    + " account."),
    RESIDENT_NOT_READY(
            "org.resident_not_ready",
            409,
            "无法把账号“{username}”设为居民账号：本人还没有改过首次口令，创建者仍可登录。请本人先修改口令。",
            "Cannot make account \"{username}\" a resident's: its owner has not changed the first password, which whoever made it has seen."
                    + " Let the owner change it first."),
    RESIDENT_UNGUARDED(
            "org.resident_unguarded",
            409,
            "无法重置居民账号“{username}”的口令：本人没有设置双因素验证，重置者可据此查看其个人记录。请先由安全管理员收回角色。",
            "Cannot reset the password of resident \"{username}\": without a second factor whoever resets it could see their records. The"
                    + " security administrator takes the role away first."),
    RESIDENT_IS_BOUND(
            "org.resident_is_bound",
            409,
            "无法改绑账号“{username}”：它已作为居民账号使用。请先由安全管理员收回其角色。",
            "Cannot bind account \"{username}\" to somebody else: it is in use as a resident's. The security administrator takes its role"
                    + " away first."),
    NO_SUCH_NUMBER(
            "org.no_such_number",
            400,
            "无法绑定：{number} 不是正确的公民身份号码或统一社会信用代码。请核对后重试。",
            "Cannot bind {number}: it is neither an identity number nor a unified social credit code. Check it and try again."),
    TWO_DUTIES(
            "org.two_duties",
            409,
            "无法授予这些角色：系统管理员、安全管理员、审计管理员三者只能任其一，也不能兼任其他角色。请把职责分给不同的人。",
            "Cannot give these roles: a system, security or audit administrator is nothing besides. Give the duties to different people."),
    OPERATOR_IS_NO_ROLE(
            "org.operator_is_no_role",
            400,
            "无法授予运维角色：它属于能读安装目录的人，不属于账号。请去掉它。",
            "Cannot give the role of the operator: it belongs to whoever can read the home folder, not to an account. Leave it out."),
    LAST_ADMINISTRATOR(
            "org.last_administrator",
            409,
            "无法停用或撤换“{username}”：这一职责只剩这一个账号。请先把职责授予另一个人。",
            "Cannot disable or replace \"{username}\": it is the last account of its duty. Give the duty to somebody else first."),
    NOT_ONESELF(
            "org.not_oneself",
            409,
            "无法对自己的账号这样做：管理员之间互相办理。请另一位管理员来做。",
            "Cannot do this to your own account: administrators do it for each other. Ask another administrator."),
    NOT_READY_FOR_DUTY(
            "org.not_ready_for_duty",
            409,
            "无法任命“{username}”：本人须先登录，改掉初始密码并设置双因素验证，再由安全管理员当面核对后任命。",
            "Cannot appoint \"{username}\": they first sign in themselves, change the first password and set a second factor; then the"
                    + " security administrator, having seen them in person, appoints them."),
    PRESENCE_NOT_SHOWN(
            "org.presence_not_shown",
            409,
            "无法把这个角色授予“{username}”：缺少本人的核对码，或核对码不对、已过期。请本人当面登录，在“我的账号”里点“显示核对码”念给您听。",
            "Cannot give \"{username}\" this role: their presence code is missing, wrong or too old. Meet them; signed in, they open \"My account\","
                    + " show the code and read it out to you."),
    APPOINTED_BY_INVITER(
            "org.appointed_by_inviter",
            409,
            "无法任命“{username}”：该账号的初始密码是您设置的。请另一位安全管理员核对本人后任命。",
            "Cannot appoint \"{username}\": you have chosen this account's first password. Let another security administrator meet and appoint"
                    + " them."),
    FIRST_PASSWORD_STANDS(
            "org.first_password_stands",
            409,
            "无法重置“{username}”的双因素验证：该管理员的密码刚由他人设置，本人还没有改过。请等本人改密后再重置。",
            "Cannot reset the second factor of \"{username}\": somebody else has set this administrator's password and they have not changed"
                    + " it yet. Wait until they have."),
    ADMINISTRATOR_UNGUARDED(
            "org.administrator_unguarded",
            409,
            "无法重置“{username}”的密码：该管理员还没有设置双因素验证，重置者可以冒用其身份。请安全管理员撤销其职责，另行任命。",
            "Cannot reset the password of \"{username}\": this administrator has no second factor yet, so whoever resets it could come in as"
                    + " them. Let the security administrator take the duty away and appoint somebody anew."),
    IDENTITY_UNKNOWN(
            "org.identity_unknown",
            403,
            "无法登录：统一身份认证已确认您是“{name}”，但您在本平台还没有账号。请联系本单位的系统管理员绑定账号。",
            "Cannot sign in: the provider knows you as \"{name}\", but no account here is yours yet. Ask your system administrator to bind"
                    + " one."),
    IDENTITY_UNCONFIRMED(
            "org.identity_unconfirmed",
            403,
            "无法登录：管理员首次以统一身份登录，须同时出示本平台的双因素验证码。请先用密码登录并设置双因素验证。",
            "Cannot sign in: an administrator's first visit by a provider takes the second factor set here. Sign in by password and set it"
                    + " first."),
    IDENTITY_TAKEN(
            "org.identity_taken",
            409,
            "无法绑定“{subject}”：该身份已属于一个账号。请先解除原绑定。",
            "Cannot bind \"{subject}\": it belongs to an account already. Unbind it there first."),
    IMPORT_UNREADABLE(
            "org.import_unreadable",
            400,
            "无法读取文件：{reason}。请用下载的模板填写，保存为 CSV 后重试。",
            "Cannot read the file: {reason}. Fill in the template, save it as CSV and try again."),
    IMPORT_HAS_FAULTS(
            "org.import_has_faults",
            409,
            "无法导入：文件有 {count} 处错误。请按预演结果更正后重新预演。",
            "Cannot import: the file has {count} mistakes. Correct them and do the dry run again."),
    IMPORT_STALE(
            "org.import_stale",
            409,
            "无法导入：预演之后文件或机构数据有了变化。请重新预演，核对后再导入。",
            "Cannot import: the file or the organisation changed since the dry run. Do the dry run again, check it, then import."),
    LINE_MISSING("org.line_missing", 400, "缺少必填的值。请填写。", "The value is missing. Fill it in."),
    LINE_BAD_DATE(
            "org.line_bad_date",
            400,
            "“{value}”不是日期。请写成 2021-04-09。",
            "\"{value}\" is no date. Write it as 2021-04-09."),
    LINE_BAD_CODE(
            "org.line_bad_code", 400, "“{value}”不是有效的代码或标识。请更正。", "\"{value}\" is no valid code or id. Correct it."),
    LINE_BAD_NUMBER("org.line_bad_number", 400, "“{value}”不是整数。请更正。", "\"{value}\" is no whole number. Correct it."),
    LINE_REVERSED(
            "org.line_reversed",
            400,
            "失效日期不晚于生效日期。请更正；失效日期是不再有效的第一天。",
            "It ends no later than it begins. Correct it; the end is the first day on which it no longer holds."),
    LINE_TWICE("org.line_twice", 400, "与第 {line} 行重复。请删去一行。", "It is the same as line {line}. Remove one of them."),
    LINE_DIFFERS(
            "org.line_differs",
            400,
            "与第 {line} 行是同一个人，但姓名或联系方式不同。请统一。",
            "It is the person of line {line}, with another name or contact. Make them alike."),
    LINE_OVERLAPS(
            "org.line_overlaps",
            400,
            "有效期与同一代码的另一段有效期重叠。请先结束前一段。",
            "It overlaps another period of the same. End the other one first."),
    LINE_NO_SUCH(
            "org.line_no_such",
            400,
            "找不到“{value}”：机构数据和本文件里都没有，或在该日期无效。请更正或先导入它。",
            "Cannot find \"{value}\": it is neither there nor in this file, or does not hold on that day. Correct it or import it first."),
    LINE_TAKEN(
            "org.line_taken",
            400,
            "账号“{value}”已属于另一个人。请更正。",
            "The account \"{value}\" belongs to another person. Correct it."),
    LINE_CYCLE(
            "org.line_cycle",
            400,
            "上级关系绕成了一圈：{value}。请更正。",
            "What is above leads back to itself: {value}. Correct it."),
    HOLD_WITHOUT_SPAN(
            "org.hold_without_span", 400, "保全的起止时间不对：开始须早于结束。", "A hold begins before it ends. Correct its span."),
    HOLD_WITHOUT_REASON(
            "org.hold_without_reason",
            400,
            "请写明理由（500 字以内），例如案号或来函。",
            "Say why, in at most 500 characters: the case or the letter that asks for it."),
    HOLD_RELEASED("org.hold_released", 409, "这项保全已经解除。", "This hold was released already."),
    LINE_STILL_USED(
            "org.line_still_used",
            400,
            "不能结束：“{value}”在此之后仍属于它。请先为其更换上级或结束。",
            "It cannot end: \"{value}\" still lies in it after that. Move or end that first."),
    LINE_SUCCESSOR_WITHOUT_END(
            "org.line_successor_without_end",
            400,
            "有继承代码却没有失效日期。请填写失效日期。",
            "It has successors but no end. Fill in the end."),
    LINE_BAD_CREDIT_CODE(
            "org.line_bad_credit_code",
            400,
            "统一社会信用代码“{value}”的校验位不对。请与证书核对；核对无误可照此导入。",
            "The check digit of the credit code \"{value}\" is wrong. Compare it with the certificate; if it says so, import it as it is.");

    private final Problem.Wording wording;

    OrgProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    /** What stands before everything else, and nothing that does not. */
    public static Problem obliged(Set<Obligation> obligations) {
        if (obligations.size() > 1) {
            return new Problem(OBLIGED);
        }
        return new Problem(
                obligations.contains(Obligation.CHANGE_PASSWORD)
                        ? OBLIGED_TO_CHANGE_PASSWORD
                        : OBLIGED_TO_SET_SECOND_FACTOR);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
