package org.qiantang.app.demo;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.qiantang.app.demo.City.Address;
import org.qiantang.app.demo.City.Person;

/** 12345 热线: what residents ask, complain about and think of the answer. */
final class Hotline {
    private static final String[][] TOPICS = {
        {"0101", "噪声扰民", "夜间施工噪声严重，影响休息"}, {"0102", "油烟污染", "楼下餐饮店油烟直排"}, {"0201", "违规停车", "小区门口违停堵塞消防通道"},
        {"0301", "物业服务", "物业长期不清理楼道杂物"}, {"0302", "电梯故障", "电梯反复停运，老人出行困难"}, {"0401", "社保咨询", "咨询灵活就业人员参保手续"},
        {"0402", "医保报销", "异地就医报销进度查询"}, {"0501", "入学政策", "咨询学区划分与入学条件"}, {"0601", "供水问题", "自来水发黄有异味"},
        {"0701", "消费维权", "预付卡商家关门失联"}, {"0801", "空气异味", "附近工厂夜间有刺鼻气味"}, {"0901", "公交线路", "建议增加早高峰公交班次"}
    };
    private static final Charset GBK = Charset.forName("GBK");

    private Hotline() {}

    static SourceSystem system() {
        return SourceSystem.database(
                        "hotline",
                        List.of(
                                Table.of("category", "诉求分类", """
                                category_code | varchar(8)* | 分类代码
                                category_name | varchar(40)! | 分类名称
                                """, Hotline::categories),
                                Table.of("handling_unit", "承办单位", """
                                unit_id | integer* | 单位编号
                                unit_name | varchar(80)! | 单位名称
                                district_code | char(6) | 区县代码 | police.xzqh.qhdm
                                parent_unit | integer | 上级单位 | handling_unit.unit_id
                                """, Hotline::units),
                                Table.of("work_order", "诉求工单", """
                                order_no | varchar(24)* | 工单编号
                                channel | channel! | 来源渠道
                                kind | varchar(10)! | 诉求类型
                                category_code | varchar(8)! | 分类代码 | category.category_code
                                title | varchar(100)! | 标题
                                content | text! | 诉求内容
                                caller_name | varchar(60) | 诉求人
                                caller_phone | varchar(24) | 联系电话 | police.resident.mobile
                                district_code | char(6)! | 区县代码 | police.xzqh.qhdm
                                address | varchar(200) | 诉求地点
                                created_at | timestamptz! | 受理时间
                                due_at | timestamptz! | 办结时限
                                status | varchar(20)! | 状态
                                tags | text[] | 标签
                                """, Hotline::orders),
                                Table.of("dispatch", "派单流转", """
                                dispatch_id | bigint* | 流转编号
                                order_no | varchar(24)! | 工单编号 | work_order.order_no
                                unit_id | integer! | 承办单位 | handling_unit.unit_id
                                dispatched_at | timestamptz! | 派单时间
                                action | varchar(10)! | 处理动作
                                reply | text | 答复内容
                                """, Hotline::dispatches),
                                Table.of("callback", "回访", """
                                order_no | varchar(24)* | 工单编号 | work_order.order_no
                                reached | boolean! | 是否接通
                                resolved | boolean | 是否解决
                                satisfied | boolean | 是否满意
                                called_at | timestamptz! | 回访时间
                                """, Hotline::callbacks),
                                Table.of("工单评价", "网络渠道好差评", """
                                评价编号 | bigint* | 评价编号
                                工单编号 | varchar(24)! | 工单编号 | work_order.order_no
                                星级 | smallint! | 评价星级
                                评价内容 | text | 评价内容
                                评价时间 | timestamp! | 评价时间
                                """, Hotline::ratings)))
                .with(
                        List.of("CREATE TYPE channel AS ENUM ('电话', '网站', '微信', 'APP', '信箱')"),
                        List.of(
                                """
                                CREATE VIEW v_daily_orders AS SELECT created_at::date AS day, category_code, count(*) AS orders FROM work_order GROUP BY 1, 2""",
                                "COMMENT ON VIEW v_daily_orders IS '每日分类工单量'",
                                "CREATE SEQUENCE order_seq START 900000"));
    }

    private static void categories(City city, Row row) {
        for (String[] topic : TOPICS) {
            row.text(topic[0]).text(topic[1]).end();
        }
    }

    private static void units(City city, Row row) {
        row.number(1).text(city.folder().name() + "12345政务服务热线中心").none().none().end();
        int id = 2;
        for (CityFolder.District d : city.places().districts()) {
            row.number(id++).text(d.name() + "分中心").text(d.code()).number(1).end();
        }
        for (Places.Street s : city.places().streets()) {
            row.number(id++)
                    .text(s.name() + "办事处")
                    .text(city.places().districts().get(s.district()).code())
                    .number(s.district() + 2)
                    .end();
        }
    }

    private static long count(City city) {
        return city.count(14_000, 400);
    }

    private static String number(City city, long i) {
        return city.folder().word("letters") + Days.compact(createdAt(city, i) / Days.SECONDS) + Days.padded(i, 8);
    }

    private static long createdAt(City city, long i) {
        Dice dice = city.dice("hotline.created", i);
        return (Days.TODAY - dice.below(730)) * Days.SECONDS + dice.between(21_000, 82_000);
    }

    private static boolean closed(City city, long i) {
        return createdAt(city, i) < (Days.TODAY - 12) * Days.SECONDS;
    }

    private static void orders(City city, Row row) {
        long count = count(city);
        int each = city.plantedEach();
        long[] spaced = city.planted(Plant.SPACED_NAME);
        for (long i = 0; i < count; i++) {
            Dice dice = city.dice("hotline.order", i);
            // The first orders are those of the planted callers, then those that went through the wrong character set,
            // then those dated ahead.
            boolean caller = i < spaced.length;
            int garbled = (int) Math.clamp(i - spaced.length, -1, each);
            boolean mojibake = garbled >= 0 && garbled < each && !caller;
            int ahead = (int) Math.clamp(i - spaced.length - each, -1, each);
            boolean future = ahead >= 0 && ahead < each;
            Person p = caller ? city.person(spaced[(int) i]) : city.grownUp(dice);
            Address a = city.address(p.household());
            String[] topic = TOPICS[Math.min(dice.below(TOPICS.length), dice.below(TOPICS.length))];
            String content = a.district().name() + city.estate(a.estate()).name() + "居民反映：" + topic[2] + "。";
            content += dice.perMille(300) ? "\n希望有关部门尽快处理，谢谢！" : "";
            if (mojibake) {
                content = new String(content.getBytes(StandardCharsets.UTF_8), GBK);
            }
            String name = caller ? p.name().substring(0, 1) + "　" + p.name().substring(1) : p.name();
            long created = createdAt(city, i);
            row.text(number(city, i))
                    .text(dice.pick("电话", "电话", "电话", "网站", "微信", "APP", "信箱"))
                    .text(dice.pick("咨询", "求助", "投诉", "投诉", "举报", "建议"))
                    .text(topic[0]);
            row.text(topic[1])
                    .text(content)
                    .text(caller || dice.perMille(900) ? name : null)
                    .text(caller || dice.perMille(950) ? p.phone() : null);
            row.text(a.district().code())
                    .text(dice.perMille(700) ? a.withinCity() : null)
                    .time(created);
            row.time(future ? Days.of(2126, 1, 1) * Days.SECONDS : created + 5 * Days.SECONDS)
                    .text(closed(city, i) ? "已办结" : dice.pick("办理中", "已派单", "待回访"));
            row.text(dice.perMille(200) ? "{\"重复诉求\",\"热点\"}" : "{}");
            if (caller) {
                row.plant(Plant.SPACED_NAME, (int) i, "caller_name", "caller_phone");
            } else if (mojibake) {
                row.plant(Plant.MOJIBAKE, garbled, "content");
            } else if (future) {
                row.plant(Plant.FUTURE_DATE, ahead, "due_at");
            }
            row.end();
        }
    }

    private static void dispatches(City city, Row row) {
        int units = city.places().districts().size() + city.places().streets().size() + 1;
        for (long i = 0; i < count(city); i++) {
            Dice dice = city.dice("hotline.dispatch", i);
            int steps = dice.perMille(150) ? 2 : 1;
            for (int s = 0; s < steps; s++) {
                boolean last = s == steps - 1;
                row.number(i * 10 + s)
                        .text(number(city, i))
                        .number(dice.between(2, units))
                        .time(createdAt(city, i) + 1_800 + s * 40_000L);
                row.text(last ? closed(city, i) ? "办结" : "签收" : "退单")
                        .text(last && closed(city, i) ? "已现场核实并处理，向诉求人反馈。" : null)
                        .end();
            }
        }
    }

    private static void callbacks(City city, Row row) {
        for (long i = 0; i < count(city); i++) {
            Dice dice = city.dice("hotline.callback", i);
            if (!closed(city, i) || !dice.perMille(800)) {
                continue;
            }
            boolean reached = dice.perMille(810);
            row.text(number(city, i)).flag(reached);
            if (reached) {
                boolean resolved = dice.perMille(850);
                row.flag(resolved).flag(resolved ? dice.perMille(960) : dice.perMille(300));
            } else {
                row.none().none();
            }
            row.time(createdAt(city, i) + 7 * Days.SECONDS).end();
        }
    }

    private static void ratings(City city, Row row) {
        for (long i = 0; i < count(city); i++) {
            Dice dice = city.dice("hotline.rating", i);
            if (closed(city, i) && dice.perMille(150)) {
                row.number(i).text(number(city, i)).number(dice.perMille(80) ? dice.between(1, 2) : dice.between(3, 5));
                row.text(dice.perMille(200) ? null : dice.pick("处理及时", "态度好", "", "仍未解决，\"踢皮球\""))
                        .time(createdAt(city, i) + 8 * Days.SECONDS)
                        .end();
            }
        }
    }
}
