package org.qiantang.invoke;

import org.qiantang.core.Problem;

/** Why something about clients and data services cannot be done. */
public enum InvokeProblem implements Problem.Code {
    TOKEN_REFUSED(
            "invoke.token_refused",
            401,
            "无法调用：没有有效的访问令牌（{reason}）。请用客户端凭据到 /oauth2/token 取得新令牌后重试。",
            "Cannot call: there is no valid access token ({reason}). Get a new one at /oauth2/token by the client's credentials, then try again."),
    SCOPE_MISSING(
            "invoke.scope_missing",
            403,
            "无法办理：令牌不含权限范围 {scope}。请由本部门人员为该客户端开通后，在取令牌时以 scope={scope} 申请。",
            "Cannot do this: the token does not have scope {scope}. Let an officer give it to the client, then ask for a token with scope={scope}."),
    NO_DEPARTMENT(
            "invoke.no_department",
            403,
            "无法登记：没有指明部门，或者该账号不属于任何部门。请选择部门，或联系平台管理员。",
            "Cannot register this: no department is named, or this account belongs to none. Choose one, or ask the platform's administrator."),
    NOT_YOURS(
            "invoke.not_yours",
            403,
            "无法办理 {what}：它属于{who}。请由该部门人员或数据局办理。",
            "Cannot do this to {what}: it belongs to {who}. Let that department or the data bureau do it."),
    NAME_TAKEN(
            "invoke.name_taken",
            409,
            "无法使用名称 {name}：已被占用。请换一个。",
            "Cannot use the name {name}: it is taken. Choose another."),
    BAD_KEY(
            "invoke.bad_key",
            400,
            "无法登记公钥或证书：{reason}。请提供 PEM 或 JWK 形式的公钥，或 PEM 形式的证书（P-256，或 2048 位以上的 RSA）。",
            "Cannot take the public key or certificate: {reason}. Give a public key as PEM or JWK, or a certificate as PEM (P-256, or RSA of"
                    + " 2048 bits or more)."),
    NO_AUTHORITIES(
            "invoke.no_authorities",
            409,
            "无法按证书主体登记：平台没有配置可信的签发机构（qiantang.client-authorities）。请改为登记客户端自己的证书，或联系平台运维人员。",
            "Cannot register a certificate's subject: no authorities are configured (qiantang.client-authorities). Register the client's own"
                    + " certificate, or ask the platform's operator."),
    TWO_CREDENTIALS(
            "invoke.two_credentials",
            409,
            "无法再加凭据：{client} 已有两个有效凭据。请先撤销其中一个。",
            "Cannot add a credential: {client} has two that are valid. Revoke one of them first."),
    CLIENT_REVOKED(
            "invoke.client_revoked",
            409,
            "无法办理：客户端 {client} 已撤销。请另行登记。",
            "Cannot do this: client {client} is revoked. Register another."),
    DEFINITION_WRONG(
            "invoke.definition_wrong",
            400,
            "无法保存服务：{where} 有误（{reason}）。请更正后再保存。",
            "Cannot save the service: {where} is wrong ({reason}). Correct it, then save."),
    CHANGED_MEANWHILE(
            "invoke.changed_meanwhile",
            409,
            "无法保存：刚才已有人改过这个版本。请看过最新内容后再改。",
            "Cannot save: somebody has just changed this version. Look at it as it is now, then change it."),
    WRONG_STATE(
            "invoke.wrong_state",
            409,
            "无法办理：{service} 现在是“{state}”。已发布的版本不能修改，请新建版本。",
            "Cannot do this: {service} is {state} now. What is published stays as it is; begin a new version."),
    NO_SUCH_SERVICE(
            "invoke.no_such_service",
            404,
            "找不到数据服务 {service}：不存在，或者还没有发布。请在服务目录中查看。",
            "Cannot find data service {service}: there is none, or it is not published yet. See the list of services."),
    RETIRED(
            "invoke.retired",
            410,
            "无法调用 {service}：该版本已下线。请改用新版本。",
            "Cannot call {service}: this version is retired. Use a newer one."),
    PARAMETER_MISSING(
            "invoke.parameter_missing",
            400,
            "无法调用：缺少参数 {parameter}。请补上后重试。",
            "Cannot call: parameter {parameter} is missing. Add it and try again."),
    PARAMETER_WRONG(
            "invoke.parameter_wrong",
            400,
            "无法调用：参数 {parameter} 的值不对，应为{expected}。请更正后重试。",
            "Cannot call: the value of parameter {parameter} is wrong; expected is {expected}. Correct it and try again."),
    PARAMETER_UNKNOWN(
            "invoke.parameter_unknown",
            400,
            "无法调用：没有参数 {parameter}。可用的参数：{known}。",
            "Cannot call: there is no parameter {parameter}. There are: {known}."),
    ERRAND_MISSING(
            "invoke.errand_missing",
            400,
            "无法调用：该服务提供个人信息，必须用请求头 {header} 说明。请补上后重试。",
            "Cannot call: this service gives personal information, and header {header} has to say what for. Add it and try again."),
    NO_GRANT(
            "invoke.no_grant",
            403,
            "无法调用：本部门没有现行有效、涵盖该服务所读数据的授权。请先申请共享；申请获准前可以调用模拟接口。",
            "Cannot call: your department has no grant in force that covers what this service reads. Apply for one; until then the mock answers."),
    WHICH_GRANT(
            "invoke.which_grant",
            409,
            "无法调用：有多个授权涵盖该服务（{grants}）。请用请求头 X-Grant 或参数 grant 指明其中一个。",
            "Cannot call: several grants cover this service ({grants}). Name one by header X-Grant or parameter grant."),
    FIELD_NOT_GRANTED(
            "invoke.field_not_granted",
            403,
            "无法返回字段 {fields}：授权 {number} 未包含。请用参数 fields 只要其余字段，或申请变更授权。",
            "Cannot give {fields}: grant {number} does not hold it. Ask for the other fields by parameter fields, or apply for more."),
    TOO_FAST(
            "invoke.too_fast",
            429,
            "暂时无法调用 {service}：超过每秒 {rate} 次。请在 {seconds} 秒后重试。",
            "Cannot call {service} now: more than {rate} calls a second. Try again in {seconds} seconds.");

    private final Problem.Wording wording;

    InvokeProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
