package org.qiantang.app.cli;

import java.util.Map;
import java.util.Optional;

/** What {@code --help} says. */
final class Usage {
    static final String GENERAL = """
            用法 Usage: qiantang [--home DIR] COMMAND …

              hub          启动平台 start everything (bin/run)
              collect      全量归集一个来源 collect a source in full
              follow       跟踪来源的变化 follow a source's changes
              flight       分析工具接入 let analysts' tools ask by Flight SQL (bin/qiantang flight --help)
              sources      来源列表 list the sources
              tables       湖中的表 list the lake's tables
              search       搜索 find data, directory entries, applications and departments
              sql          查询 ask the lake
              deliveries   回流台账 what another platform sent against what arrived
              receipt      回执及其验证 print or verify a receipt
              verify       与来源核对 hold the lake against a source
              mapping      治理规则 how standard and base tables are made: list, apply, show, run
              rejects      拒收记录 what could not be taken: count, export, replay
              --version    版本

            qiantang COMMAND --help 给出细节 says more. 退出码 Exit status: 0 complete, 3 incomplete, 2 wrong usage, 1 any other error.
            """;

    private static final Map<String, String> COMMANDS = Map.ofEntries(
            Map.entry("hub", """
            用法 Usage: qiantang hub [--home DIR] [--port N] [--empty] [--scale S] [--city DIR]

              --home DIR   安装目录 the installation's directory (default var/)
              --port N     端口 port on 127.0.0.1 (default 8080)
              --empty      不生成演示城市 begin without the demo city
              --scale S    演示城市的规模 size of the demo city; 1 is about a million rows (default 1)
              --city DIR   另一座演示城市 the folder of another demo city (docs/second-city.md)
            """),
            Map.entry("collect", """
            用法 Usage: qiantang collect SOURCE [--name N] [--department D] [--setting NAME=VALUE]… [--title T] [--user U]
                                 [--password-file F] [--json]

              SOURCE             来源地址 where it is:
                                   jdbc:…                        数据库 a database; user and password may stand in its query
                                   文件或文件夹 a file or folder, sftp://… webdavs://… s3://…
                                   https://…                     接口 an API that answers JSON
                                   events: hj212: mqtt(s)://… kafka://…  事件流，登记后随到随入湖 a stream; once registered, events land as they come
                                   platform+https://…            另一个平台 another platform that grants us its data
              --name N           来源名称 the source's name: a-z, 0-9, _ (default: made from SOURCE); a known name is collected again
              --department D     部门 the department it belongs to, by id or name; needed for a new source where there are several
              --setting N=V      设置 a setting of its kind (docs/sources), such as topics=city/+/data; may be given several times
              --title T          标题 the title people see
              --user U           账号 account at the source
              --password-file F  密码文件 file with its password; or the environment's QIANTANG_SOURCE_PASSWORD
              --json             以 JSON 输出结果 print the result as JSON
              --home DIR         安装目录 the installation's directory
            """),
            Map.entry("mapping", """
            用法 Usage: qiantang mapping [list] | apply FILE… | show TABLE | run TABLE  [--home DIR]

              list          各表及其状态 every table that is made of others, and how it stands
              apply FILE…   依次保存治理规则并生成其表；测试不过则不保存 keep each file as its mapping's newest version and make its
                            table, one after the other; nothing is kept when a test fails (docs/layers.md)
              show TABLE    打印当前版本 print the newest version
              run TABLE     立即运行 make it now
            """),
            Map.entry("follow", """
            用法 Usage: qiantang follow NAME [--stop] [--json] [--home DIR]

              NAME     先全量归集，此后每次变化数秒内入湖 collect the source in full, then have its changes within seconds; ends when it follows
              --stop   不再跟踪；湖中数据保留 follow it no longer; what is in the lake stays
            """),
            Map.entry("sources", "用法 Usage: qiantang sources [--json] [--home DIR]\n"),
            Map.entry("tables", "用法 Usage: qiantang tables [--json] [--home DIR]\n"),
            Map.entry("search", """
            用法 Usage: qiantang search WORDS [--limit N] [--json] [--home DIR]

              WORDS      中文、英文、拼音或首字母，错一两个字也行 Chinese, English, pinyin or its initials; a wrong letter does no harm
              --limit N  最多几项 how many at most (default 10)
            """),
            Map.entry("sql", """
            用法 Usage: qiantang sql "SELECT …" [--format table|csv|json] [--as-of TIME] [--home DIR]

              --format F    输出格式 table (default), csv (all rows, streamed) or json
              --as-of TIME  按该时刻的数据 as the data was then, e.g. 2026-11-23T08:00:00Z
            """),
            Map.entry("deliveries", """
            用法 Usage: qiantang deliveries NAME [--json] [--home DIR]

              NAME  一个上级平台来源 a source that is another platform; 0: 全部一致 all equal; 3: 有差异 something differs
            """),
            Map.entry("receipt", """
            用法 Usage: qiantang receipt NAME [--home DIR]
                        qiantang receipt verify FILE [--key PEM] [--home DIR]

              NAME       打印该来源最近的回执 print the latest receipt of this source
              verify     离线验证 check a receipt's signature offline; trusted is HOME/keys/receipt.pub or --key
                         0: 有效且完整 genuine and complete; 3: 有效但不完整 genuine, incomplete; 1: 无效 not genuine
            """),
            Map.entry("verify", """
            用法 Usage: qiantang verify NAME [--values] [--look] [--table T[,T…]] [--json] [--home DIR]

              NAME       再次读取该来源并与湖中的表核对 read this source again and hold the lake's tables against it
              --values   比较每一个值 compare every value (default: numbers of rows, where the source can count)
              --look     只看有没有差异，什么都不改 only look: nothing is repaired, nothing is collected anew
              --table T  只核对这些表 only these tables, as the source or the lake calls them
                         有差异时修复或重新归集 what differs is repaired or collected anew
                         0: 一致 equal; 3: 有差异 different; 1: 未能核对 could not be verified
            """),
            Map.entry("rejects", """
            用法 Usage: qiantang rejects NAME [--table T] [--code C] [--format csv|ndjson] [--home DIR]
                        qiantang rejects replay NAME [--table T] [--code C] [--json] [--home DIR]

              NAME       按表和原因统计拒收记录 count what could not be taken, by table and code
              --format F 输出全部记录和原文 give out all of them with their texts
              replay     按现在的规则重新读取；表重新归集，事件用留下的原文 read what was refused again, by the rules of now: tables at
                         their source, events from their kept texts
            """));

    private Usage() {}

    static boolean knows(String command) {
        return COMMANDS.containsKey(command);
    }

    static String of(String command) {
        return Optional.ofNullable(COMMANDS.get(command)).orElseThrow();
    }
}
