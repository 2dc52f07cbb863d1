package org.qiantang.core;

/** Refusals that belong to no part: what a request can get wrong whatever it asks for. */
public enum CoreProblem implements Problem.Code {
    BAD_REQUEST(
            "core.bad_request",
            400,
            "无法处理请求：{reason}。请更正后重试。",
            "Cannot process the request: {reason}. Correct it and try again."),
    NOT_FOUND(
            "core.not_found",
            404,
            "找不到 {what}：它不存在或已被删除。请从列表中重新选择。",
            "Cannot find {what}: it does not exist or was deleted. Choose it from its list again."),
    METHOD_NOT_ALLOWED(
            "core.method_not_allowed",
            405,
            "无法以 {method} 方式访问该地址：接口不支持。请查阅接口文档。",
            "Cannot {method} this address: the interface has no such method. See its description."),
    NOT_ACCEPTABLE(
            "core.not_acceptable",
            406,
            "无法以所要求的格式回答：接口不提供。请去掉 Accept 请求头后重试。",
            "Cannot answer in the format asked for: the interface does not offer it. Leave out the Accept header."),
    TOO_LARGE(
            "core.too_large",
            413,
            "无法接收请求：内容过大。请减小后重试。",
            "Cannot take the request: it is too large. Make it smaller and try again."),
    UNSUPPORTED_MEDIA_TYPE(
            "core.unsupported_media_type",
            415,
            "无法读取请求内容：类型不受支持。请以 application/json 发送。",
            "Cannot read the request's content: its type is not supported. Send application/json."),
    INTERNAL(
            "core.internal",
            500,
            "无法完成操作：平台内部出错。请稍后重试；若再次出现，请把追踪号告诉管理员。",
            "Cannot finish this: something broke inside the platform. Try again later; if it happens again, give the trace id to"
                    + " the administrator."),
    UNAVAILABLE(
            "core.unavailable",
            503,
            "暂时无法完成操作：平台的数据库没有应答。平台正在自行恢复，请稍后重试。",
            "Cannot finish this now: the platform's database does not answer. The platform is recovering by itself; try again"
                    + " shortly."),
    NO_SPACE(
            "core.no_space",
            507,
            "暂不接收新数据：{where} 的存储空间已满，仅剩 {free}。请腾出空间，之后自动继续；已接收的数据完好，查询不受影响。",
            "Nothing new is taken: {where} is full, {free} are left. Make room; everything goes on by itself then. What was taken is safe"
                    + " and can be queried."),
    STORAGE_FAILING(
            "core.storage_failing",
            503,
            "暂不接收新数据：{where} 无法可靠写入（{reason}）。请检查磁盘，恢复后自动继续；已接收的数据完好，查询不受影响。",
            "Nothing new is taken: {where} does not keep what is written ({reason}). Check the disk; everything goes on by itself once it"
                    + " does. What was taken is safe and can be queried.");

    private final Problem.Wording wording;

    CoreProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
