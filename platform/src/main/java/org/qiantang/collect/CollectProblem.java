package org.qiantang.collect;

import java.util.Arrays;
import java.util.Optional;
import org.qiantang.core.Problem;

/** What can go wrong when a department's source is collected, each under a name that stays. */
public enum CollectProblem implements Problem.Code {
    SOURCE_UNREACHABLE(
            "collect.source_unreachable",
            502,
            "无法连接来源：{reason}。请检查地址、网络和对方服务是否运行，然后重试。",
            "Cannot reach the source: {reason}. Check its address, the network and whether it runs, then try again."),
    SIGN_IN_REFUSED(
            "collect.sign_in_refused",
            422,
            "来源拒绝登录：{reason}。请检查用户名、密码和对方的访问规则。",
            "Cannot sign in to the source: {reason}. Check the user name, the password and the source's access rules."),
    BAD_LOCATION(
            "collect.bad_location",
            400,
            "无法使用该地址：它不是 PostgreSQL 的 JDBC 地址。请按 jdbc:postgresql://主机:端口/数据库 的形式填写。",
            "Cannot use this address: it is no JDBC URL of PostgreSQL. Write it as jdbc:postgresql://host:port/database."),
    BAD_REMOTE_ADDRESS(
            "collect.bad_remote_address",
            400,
            "无法使用该地址：请按 sftp://主机/路径、webdavs://主机/路径 或 s3://存储桶/前缀 的形式填写。",
            "Cannot use this address: write it as sftp://host/path, webdavs://host/path or s3://bucket/prefix."),
    HOST_KEY_NOT_CONFIRMED(
            "collect.host_key_not_confirmed",
            422,
            "还不信任该服务器：请向对方核对其主机密钥指纹 {fingerprint}，确认无误后填入“主机密钥指纹”再试。",
            "The server is not trusted yet: ask its owner whether its host key is {fingerprint}; if so, put that into the host key"
                    + " field and try again."),
    HOST_KEY_DIFFERS(
            "collect.host_key_differs",
            422,
            "已停止连接：服务器的主机密钥指纹是 {fingerprint}，与确认过的 {confirmed} 不同。可能有人冒充该服务器，请向对方核实。",
            "Stopped: the server's host key is {fingerprint}, not {confirmed} as confirmed. Somebody may be posing as it; ask its"
                    + " owner."),
    PASSWORD_IN_CLEAR(
            "collect.password_in_clear",
            422,
            "没有发送密码：该地址不加密。请改用 webdavs:// 开头的地址，或在确知网络可信时允许明文。",
            "The password was not sent: the address is not encrypted. Use an address with webdavs://, or allow plain text if you"
                    + " know the network can be trusted."),
    BAD_LOCATION_PARAMETER(
            "collect.bad_location_parameter",
            400,
            "无法使用该地址：不允许参数“{parameter}”。请将其删除。",
            "Cannot use this address: parameter \"{parameter}\" is not allowed. Remove it."),
    BAD_DATABASE_LOCATION(
            "collect.bad_database_location",
            400,
            "无法使用该数据库地址：{reason}。请按 jdbc:产品://主机:端口/数据库 的形式填写。",
            "Cannot use this address of a database: {reason}. Write it as jdbc:product://host:port/database."),
    BAD_SETTING(
            "collect.bad_setting",
            400,
            "无法使用设置“{setting}”：{reason}。请按来源类型的说明修改。",
            "Cannot use the setting \"{setting}\": {reason}. Change it as the page of its kind of source says."),
    NO_DRIVER(
            "collect.no_driver",
            422,
            "无法连接 {product}：没有可用的 JDBC 驱动。请将驱动（如 {jar}）放入文件夹 {folder}，然后重试。{unusable}",
            "Cannot connect to {product}: there is no JDBC driver for it. Put one, such as {jar}, into the folder {folder}, then"
                    + " try again. {unusable}"),
    NO_USERNAME(
            "collect.no_username",
            400,
            "无法连接来源：没有用户名。请填写用户名。",
            "Cannot connect to the source: there is no user name. Give one."),
    UNSUPPORTED_SOURCE(
            "collect.unsupported_source",
            422,
            "无法归集该来源：{reason}。请升级来源，或将数据复制到受支持的版本。",
            "Cannot collect this source: {reason}. Upgrade it, or copy its data to a version that is supported."),
    CATALOGUE_UNREADABLE(
            "collect.catalogue_unreadable",
            502,
            "无法读取来源的目录：{reason}。请检查来源后重试。",
            "Cannot read the source's catalogue: {reason}. Look at the source, then try again."),
    NO_SELECT_PRIVILEGE(
            "collect.no_select_privilege",
            403,
            "无法读取：账号没有查询权限（{reason}）。请让来源方授予权限。",
            "Cannot read it: the account lacks a privilege ({reason}). Ask its owner to grant it."),
    ROW_LEVEL_SECURITY(
            "collect.row_level_security",
            403,
            "无法完整读取：行级安全策略会对该账号隐藏数据（{reason}）。请让来源方授予 BYPASSRLS。",
            "Cannot read it in full: row-level security hides rows from the account ({reason}). Ask its owner for BYPASSRLS."),
    TABLE_REWRITTEN(
            "collect.table_rewritten",
            409,
            "无法一致地读取：{reason} 在归集期间被清空或重写。请再次归集。",
            "Cannot read it consistently: {reason} was truncated or rewritten during the collection. Collect it again."),
    VALUE_TOO_LARGE("collect.value_too_large", 422, "值过大：{reason}", "The value is too large: {reason}"),
    INVALID_TEXT("collect.invalid_text", 422, "文本不是有效的 UTF-8：{reason}", "The text is not valid UTF-8: {reason}"),
    SOURCE_CHANGED(
            "collect.source_changed",
            409,
            "文件“{file}”在读取期间发生了变化：{reason}。请在其不再变动后重新归集。",
            "File \"{file}\" changed while it was being read: {reason}. Collect it again when it is at rest."),
    UNSUPPORTED_FORMAT("collect.unsupported_format", 422, "不支持的文件格式：{reason}", "Not a format that is read: {reason}"),
    NOT_A_TABLE("collect.not_a_table", 422, "文件内容不是表格：{reason}", "The file holds no table: {reason}"),
    EMPTY_FILE("collect.empty_file", 422, "文件为空：{reason}", "The file is empty: {reason}"),
    CORRUPT_FILE("collect.corrupt_file", 422, "文件已损坏：{reason}", "The file is damaged: {reason}"),
    ENCRYPTED_FILE(
            "collect.encrypted_file",
            422,
            "文件有密码保护：{reason}。请提供未加密的文件。",
            "The file is protected by a password: {reason}. Provide it without one."),
    FILE_TOO_LARGE("collect.file_too_large", 422, "文件超出限制：{reason}", "The file is beyond a limit: {reason}"),
    TOO_MANY_COLUMNS("collect.too_many_columns", 422, "列数过多：{reason}", "There are too many columns: {reason}"),
    NO_FILE_ACCESS("collect.no_file_access", 422, "没有读取权限：{reason}", "It may not be read: {reason}"),
    SYMBOLIC_LINK(
            "collect.symbolic_link",
            422,
            "不跟随指向文件夹之外的符号链接：{reason}",
            "A symbolic link out of the folder is not followed: {reason}"),
    RAGGED_ROW("collect.ragged_row", 422, "字段数不符：{reason}", "The row has another number of fields: {reason}"),
    STRAY_QUOTE("collect.stray_quote", 422, "引号位置错误：{reason}", "A quote stands where none may: {reason}"),
    UNCLOSED_QUOTE("collect.unclosed_quote", 422, "引号未闭合：{reason}", "A quote is not closed: {reason}"),
    ROW_TOO_LONG("collect.row_too_long", 422, "行过长：{reason}", "The row is too long: {reason}"),
    MALFORMED_RECORD("collect.malformed_record", 422, "记录格式错误：{reason}", "The record is not well formed: {reason}"),
    INVALID_ENCODING("collect.invalid_encoding", 422, "编码错误：{reason}", "Bytes do not fit the encoding: {reason}"),
    COLUMNS_UNREADABLE(
            "collect.columns_unreadable",
            403,
            "部分列无法读取：{reason}。请让来源方授予权限。",
            "Some columns cannot be read: {reason}. Ask its owner to grant them."),
    NO_PRIVILEGE(
            "collect.no_privilege",
            403,
            "无法读取：来源拒绝访问（{reason}）。请让来源方授予权限。",
            "Cannot read it: the source refuses access ({reason}). Ask its owner to grant it."),
    REJECTS(
            "collect.rejects",
            422,
            "部分数据没有收进来，每一处都留有位置、原因和原文。请查看拒收记录。",
            "Some of it was not taken; each is kept with its place, reason and text. See the rejects."),
    ROWS_DO_NOT_ADD_UP(
            "collect.rows_do_not_add_up",
            422,
            "行数对不上：{reason}。请再次归集。",
            "The rows do not add up: {reason}. Collect it again."),
    PROOF_FAILED(
            "collect.proof_failed",
            422,
            "校验不符：写入湖中的值与读到的不同（{reason}）。请再次归集。",
            "The proof failed: what was written is not what was read ({reason}). Collect it again."),
    TABLE_FAILED("collect.table_failed", 422, "归集出错：{reason}。请再次归集。", "It went wrong: {reason}. Collect it again."),
    NOT_ENDED("collect.not_ended", 422, "归集未到达该表。请再次归集。", "The run did not come to it. Collect it again."),
    CANCELLED("collect.cancelled", 409, "归集已被取消。", "The run was cancelled."),
    RUN_BROKE(
            "collect.run_broke",
            500,
            "归集中断：平台内部出错（{reason}）。请再次归集；若再次出现，请告诉管理员。",
            "The run broke off: something failed inside the platform ({reason}). Collect again; if it happens again, tell the"
                    + " administrator."),
    ALREADY_RUNNING(
            "collect.already_running",
            409,
            "无法再次开始：来源“{source}”正在归集（任务 {run}）。请等待其结束或先取消。",
            "Cannot start again: source \"{source}\" is being collected (run {run}). Wait for its end, or cancel it."),
    RUN_ENDED(
            "collect.run_ended",
            409,
            "无法取消：任务已经结束。请刷新页面。",
            "Cannot cancel: the run has already ended. Reload the page."),
    NO_RECEIPT(
            "collect.no_receipt",
            404,
            "还没有回执：任务尚未结束。请在其结束后查看。",
            "There is no receipt yet: the run has not ended. Look again when it has."),
    NAME_TAKEN(
            "collect.name_taken",
            409,
            "无法添加来源：名称“{name}”已被使用。请换一个名称。",
            "Cannot add the source: the name \"{name}\" is taken. Choose another."),
    BAD_NAME(
            "collect.bad_name",
            400,
            "无法使用名称“{name}”：须以小写字母开头，只含小写字母、数字和下划线，最长 40 个字符。",
            "Cannot use the name \"{name}\": it begins with a lower case letter and holds lower case letters, digits and"
                    + " underscores only, 40 at most."),
    PASSWORD_IN_LOCATION(
            "collect.password_in_location",
            400,
            "无法使用该地址：其中含有用户名或密码。请填写到各自的输入框中。",
            "Cannot use this address: it holds a user name or password. Put them into their own fields."),
    SECRET_NEEDED(
            "collect.secret_needed",
            400,
            "没有保存：来源“{source}”的地址、账号或认证方式有变化，原密码不会送往新的地方。请重新填写密码。",
            "Nothing was saved: the address, account or way of asking of source \"{source}\" has changed, and its password is not"
                    + " sent to a new place. Type the password again."),
    KIND_STAYS(
            "collect.kind_stays",
            409,
            "没有保存：来源“{source}”不能在事件流与其他种类之间转换。请另接一个来源。",
            "Nothing was saved: source \"{source}\" cannot turn into a stream of events, or out of one. Connect another source."),
    FOLDER_NOT_ALLOWED(
            "collect.folder_not_allowed",
            400,
            "无法使用该文件夹：{reason}。请填写存放部门文件的绝对路径。",
            "Cannot use this folder: {reason}. Give the absolute path of a folder with a department's files."),
    SECRET_IN_SETTINGS(
            "collect.secret_in_settings",
            400,
            "无法保存：“{setting}”看起来是密钥。请填写到密码栏，那里会加密保存。",
            "Cannot keep it: \"{setting}\" looks like a secret. Put it into the password field, which is sealed."),
    ADDRESS_REFUSED(
            "collect.address_refused",
            400,
            "不会访问地址 {address}：{reason}。请填写部门接口自己的地址。",
            "Will not go to {address}: {reason}. Give the address of the department's own interface."),
    API_REFUSED(
            "collect.api_refused",
            502,
            "接口没有给出数据：{reason}。请对照接口文档检查地址、参数和调用权限。",
            "The interface gave no data: {reason}. Check address, parameters and rights against its description."),
    API_NOT_JSON(
            "collect.api_not_json",
            502,
            "接口返回的不是可读的 JSON：{reason}。请确认地址，或请接口方修复。",
            "The interface did not answer with readable JSON: {reason}. Check the address, or ask its owner to repair it."),
    API_NO_RECORDS(
            "collect.api_no_records",
            422,
            "在返回内容的 {pointer} 处没有记录列表：{reason}。请指定记录所在的位置，例如 /data/list。",
            "There is no list of records at {pointer} of the answer: {reason}. Say where the records are, such as /data/list."),
    API_PAGES_REPEAT(
            "collect.api_pages_repeat",
            502,
            "接口的翻页在原地打转：{reason}。请检查翻页方式和参数名。",
            "The interface's pages go in a circle: {reason}. Check how it pages and what the parameter is called."),
    ANSWER_TOO_LARGE(
            "collect.answer_too_large",
            422,
            "接口的一次返回过大：{reason}。请减小每页条数。",
            "An answer of the interface is too large: {reason}. Ask for smaller pages."),
    TOTAL_DIFFERS(
            "collect.total_differs",
            422,
            "条数与来源声明的总数不符：{reason}。请再次归集；若总是不符，请与接口方核对。",
            "The records are not as many as the source says: {reason}. Collect it again; if it stays so, ask the source's owner."),
    DELIVERY_DIFFERS(
            "collect.delivery_differs",
            422,
            "收到的与对方声明已发送的不符：{reason}。平台会再次索取，直到一致；若总是不符，请与对方核对。",
            "What arrived is not what the other platform says it sent: {reason}. It is asked for again until both are equal; if it"
                    + " stays so, ask the other platform."),
    BAD_SCHEDULE(
            "collect.bad_schedule",
            400,
            "无法使用该计划：{reason}。频率写作 every 15 minutes、daily 02:30、weekly MON,THU 02:30 或 cron 0 2 1 * *，并须至少有一次落在所选日期和时段内。",
            "Cannot use this schedule: {reason}. A rhythm is every 15 minutes, daily 02:30, weekly MON,THU 02:30 or cron 0 2 1 * *, and at"
                    + " least one of its times is on the chosen days and in the window."),
    FOLLOWING_IMPOSSIBLE(
            "collect.following_impossible",
            409,
            "无法跟踪该来源的变化：{reason}。请让数源部门按文档开启逻辑复制并授予权限，或改用定时归集。",
            "Cannot follow this source: {reason}. Ask the department to allow logical replication as the documentation says, or collect it by schedule."),
    STILL_FOLLOWED(
            "collect.still_followed",
            409,
            "没有删除：来源“{name}”的变化仍在跟踪，它正为此保留日志。请先停止跟踪。",
            "Nothing was deleted: the changes of source \"{name}\" are still followed, and it keeps its log for that. Stop following first."),
    FOLLOWING_LEFT_BEHIND(
            "collect.following_left_behind",
            409,
            "跟踪落后过多，来源为此保留了{reason}日志。为保护来源磁盘，已放弃该位置，来源将重新全量归集。",
            "Following fell too far behind: the source kept {reason} of log for it. To protect the source's disk the position was given up; the source is collected anew."),
    FOLLOWING_DIVERGED(
            "collect.following_diverged",
            409,
            "湖中的表与来源的变化对不上，需要重新归集该表。",
            "The lake's table does not fit the source's changes; the table is collected anew."),
    POSITION_LOST(
            "collect.position_lost",
            409,
            "来源已不再保留上次跟踪到的位置，需要重新归集。",
            "The source no longer has the position that was followed to; it is collected anew."),
    NOT_COLLECTED_YET(
            "collect.not_collected_yet",
            409,
            "该表尚未全量归集，归集后即可跟踪变化。",
            "The table has not been collected yet; its changes are followed from then on."),
    SHAPE_CHANGED(
            "collect.shape_changed",
            409,
            "该表的结构在来源处发生变化，湖中历史保留，需要重新归集该表。",
            "The table's shape changed at the source; its history stays, the table is collected anew."),
    TABLE_TRUNCATED(
            "collect.table_truncated",
            409,
            "该表的一个分区在来源处被清空或移走，需要重新归集该表。",
            "A partition of the table was emptied or removed at the source; the table is collected anew."),
    TABLE_GONE(
            "collect.table_gone",
            404,
            "该表在来源处已不存在；湖中保留其最后的内容和历史。",
            "The table is not at the source any more; the lake keeps its last content and history."),
    NO_IDENTITY(
            "collect.no_identity",
            409,
            "该表没有主键，来源无法说明哪一行发生了变化：{reason}。可由来源设置 REPLICA IDENTITY FULL，否则按计划重新归集。",
            "The table has no key by which the source could say which row changed: {reason}. Set REPLICA IDENTITY FULL at the source; otherwise it is collected by schedule."),
    DEVICE_NOT_REGISTERED(
            "collect.device_not_registered",
            422,
            "设备未登记，事件在隔离区等待：{reason}。登记该设备后会自动入湖。",
            "The device is not registered and its event waits in quarantine: {reason}. It lands by itself once the device is registered."),
    NOTHING_TO_REPLAY(
            "collect.nothing_to_replay",
            409,
            "没有可重放的拒收记录：来源“{source}”没有符合条件且仍未处理的记录。请查看拒收记录页面。",
            "There is nothing to replay: source \"{source}\" has no such reject that is still open. See its rejects page."),
    REPLAY_LANDING(
            "collect.replay_landing",
            409,
            "无法再次重放：来源“{source}”上一次重放的消息还在入湖。请几秒后再试。",
            "Cannot replay again: messages of source \"{source}\" that were replayed just now are still on their way into the lake."
                    + " Try again in some seconds."),
    TOO_MUCH_DIFFERS(
            "collect.too_much_differs",
            422,
            "差异过多，无法逐行列出；该表将重新归集。",
            "Too much differs to be listed row by row; the table is collected anew."),
    FOLLOWER_BEHIND(
            "collect.follower_behind",
            409,
            "现在无法核对：对来源“{source}”的跟踪还没有赶上。请稍后再试。",
            "Cannot verify now: what follows source \"{source}\" has not caught up. Try again later."),
    ALREADY_VERIFYING(
            "collect.already_verifying",
            409,
            "无法再次开始：来源“{source}”正在核对。请等待其结束或先取消。",
            "Cannot start again: source \"{source}\" is being verified. Wait for its end, or cancel it."),
    NOT_VERIFIABLE(
            "collect.not_verifiable",
            409,
            "无法核对来源“{source}”：{reason}。请先归集。",
            "Cannot verify source \"{source}\": {reason}. Collect it first."),
    NO_SUCH_SOURCE_TABLE(
            "collect.no_such_source_table",
            404,
            "来源“{source}”没有表“{table}”。请用来源页面上所列的表名。",
            "Source \"{source}\" has no table \"{table}\". Give a name that its page lists."),
    VERIFICATION_ENDED(
            "collect.verification_ended",
            409,
            "无法取消：核对已经结束。请刷新页面。",
            "Cannot cancel: the verification has already ended. Reload the page."),
    NOT_CONFIRMED(
            "collect.not_confirmed",
            400,
            "没有删除：请输入来源名称“{name}”以确认。湖中数据和回执会保留。",
            "Nothing was deleted: type the source's name \"{name}\" to confirm. Lake data and receipts are kept."),
    EVENTS_NOT_DURABLE(
            "collect.events_not_durable",
            503,
            "事件未被接收：平台的磁盘暂时无法保证写入（{reason}）。恢复后会自动继续；请稍后重发同一批事件。",
            "The events were not taken: the platform's disk cannot keep them safe at the moment ({reason}). It goes on by itself; send"
                    + " the same events again shortly."),
    EVENTS_BUSY(
            "collect.events_busy",
            429,
            "事件未被接收：等待处理的事件过多。请在 Retry-After 所示时间后重发同一批事件。",
            "The events were not taken: too many are waiting. Send the same events again after the time that Retry-After says."),
    EVENTS_TOO_LARGE(
            "collect.events_too_large",
            413,
            "事件未被接收：内容超过 {limit}。请分成较小的批次。",
            "The events were not taken: the body is larger than {limit}. Send smaller batches."),
    EVENTS_UNREADABLE(
            "collect.events_unreadable",
            400,
            "事件未被接收：内容不完整或压缩格式错误（{reason}）。请更正后重发。",
            "The events were not taken: the body is incomplete or not compressed as it says ({reason}). Correct it and send it again."),
    EVENT_TOKEN_REFUSED(
            "collect.event_token_refused",
            401,
            "事件未被接收：令牌无效，或不属于事件流“{stream}”。请向平台管理员索取该设备的令牌。",
            "The events were not taken: the token is wrong, or not one of stream \"{stream}\". Ask the platform's engineers for the"
                    + " device's token."),
    EVENT_NOT_JSON("collect.event_not_json", 422, "事件不是有效的 JSON：{reason}", "The event is not valid JSON: {reason}"),
    EVENT_NOT_AN_OBJECT(
            "collect.event_not_an_object", 422, "事件不是 JSON 对象：{reason}", "The event is no JSON object: {reason}"),
    EVENT_TOO_LONG("collect.event_too_long", 422, "事件过长：{reason}", "The event is too long: {reason}"),
    EVENT_BAD_PACKET("collect.event_bad_packet", 422, "HJ 212 报文错误：{reason}", "The HJ 212 packet is damaged: {reason}"),
    EVENT_LOG_DAMAGED(
            "collect.event_log_damaged",
            500,
            "事件日志的一段已损坏，其中的事件无法读出：{reason}。请检查磁盘，并请来源方重发。",
            "A stretch of the event log is damaged and its events cannot be read: {reason}. Check the disk, and have them sent again."),
    EVENTS_FLOW(
            "collect.events_flow",
            409,
            "无需启动归集：事件流“{source}”的事件随到随入湖。请查看其事件页面。",
            "There is nothing to start: the events of \"{source}\" land as they come. See its events page."),
    PEER_IS_FOLLOWED(
            "collect.peer_is_followed",
            409,
            "无需接入或启动归集：对等平台的表由平台自动跟踪入湖。请在“平台互联”中选择要跟踪的表，或在来源页面重新开始跟踪。",
            "There is nothing to connect or start: tables of a peer are followed by themselves. Choose what to follow on the peers page, or"
                    + " begin following anew on the source's page."),
    PEER_NOT_ARRIVED(
            "collect.peer_not_arrived",
            503,
            "等待对等平台：尚未收到完整的数据。收到后自动入湖。",
            "Waiting for the peer: no table has arrived as a whole yet. It lands by itself when it has."),
    PEER_BEGAN_ANEW(
            "collect.peer_began_anew",
            409,
            "对等平台从头重新发送了该表，整表入湖后继续跟踪。",
            "The peer has sent this table anew as a whole; it is followed on once that has landed."),
    DEVICE_TAKEN(
            "collect.device_taken",
            409,
            "无法登记设备“{device}”：它已登记。",
            "Cannot register device \"{device}\": it is registered already."),
    BAD_DEVICE(
            "collect.bad_device",
            400,
            "无法登记设备“{device}”：编号须为 1 至 200 个字符，且不含控制字符。",
            "Cannot register device \"{device}\": its number has 1 to 200 characters and no control characters."),
    BAD_EVENT_SETTING(
            "collect.bad_event_setting",
            400,
            "无法使用设置“{setting}”：{reason}。",
            "Cannot use the setting \"{setting}\": {reason}."),
    NOT_AN_EVENT_STREAM(
            "collect.not_an_event_stream", 409, "来源“{source}”不是事件流。", "Source \"{source}\" is no event stream."),
    WORKER_LOST(
            "collect.worker_lost",
            503,
            "归集进程意外中止，正在重新启动。已完成的表不会丢失；请稍后重试。",
            "The lake worker stopped in the middle and is being started again. Finished tables are safe; please try again shortly.");

    private final Problem.Wording wording;

    CollectProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }

    /** The problem of that id; what the lake worker names reaches the hub as its id. */
    public static Optional<CollectProblem> find(String id) {
        return Arrays.stream(values())
                .filter(problem -> problem.id().equals(id))
                .findFirst();
    }
}
