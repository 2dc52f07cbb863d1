package org.qiantang.app.demo;

import java.util.ArrayList;
import java.util.List;
import org.qiantang.app.demo.City.Company;

/** 生态环境局: two years of air by the hour, water, and those who let something out. */
final class Environment {
    private Environment() {}

    static SourceSystem database() {
        return SourceSystem.database(
                        "environment",
                        List.of(
                                Table.of("air_station", "空气自动监测站", """
                                station_code | varchar(10)* | 站点编码
                                station_name | varchar(60)! | 站点名称
                                district_code | char(6)! | 区县代码 | police.xzqh.qhdm
                                longitude | numeric(9,4)! | 经度（CGCS2000）
                                latitude | numeric(9,4)! | 纬度（CGCS2000）
                                level | varchar(4)! | 站点级别
                                instruments | jsonb! | 仪器清单
                                """, Environment::airStations),
                                Table.of("air_hourly", "空气质量小时值（按季度分区）", """
                                station_code | varchar(10)* | 站点编码 | air_station.station_code
                                data_time | timestamptz* | 数据时间
                                pm25 | numeric(6,1) | PM2.5小时浓度（微克/立方米）
                                pm10 | numeric(6,1) | PM10小时浓度（微克/立方米）
                                so2 | numeric(6,1) | 二氧化硫小时浓度（微克/立方米）
                                no2 | numeric(6,1) | 二氧化氮小时浓度（微克/立方米）
                                co | numeric(8,2) | 一氧化碳小时浓度（毫克/立方米）
                                o3 | numeric(6,1) | 臭氧小时浓度（微克/立方米）
                                wind_direction | smallint | 风向（度）
                                wind_speed | numeric(4,1) | 风速（米/秒）
                                """, Environment::airHourly)
                                        .partitionedBy(quarters()),
                                Table.of("air_daily", "空气质量日均值", """
                                station_code | varchar(10)* | 站点编码 | air_station.station_code
                                data_date | date* | 日期
                                pm25_24h | numeric(6,1) | PM2.5日均（微克/立方米）
                                pm10_24h | numeric(6,1) | PM10日均（微克/立方米）
                                no2_24h | numeric(6,1) | 二氧化氮日均（微克/立方米）
                                o3_1h_max | numeric(6,1) | 臭氧日最大1小时（微克/立方米）
                                valid_hours | smallint! | 有效小时数
                                """, Environment::airDaily),
                                Table.of("water_section", "地表水监测断面", """
                                section_code | varchar(12)* | 断面编码
                                section_name | varchar(60)! | 断面名称
                                river | varchar(40)! | 所在河流
                                district_code | char(6)! | 区县代码 | police.xzqh.qhdm
                                target_class | char(3)! | 目标水质类别
                                upstream_code | varchar(12) | 上游断面编码 | water_section.section_code
                                """, Environment::waterSections),
                                Table.of("water_daily", "地表水自动监测日均值", """
                                section_code | varchar(12)* | 断面编码 | water_section.section_code
                                data_date | date* | 日期
                                ph | numeric(4,2) | pH值
                                dissolved_oxygen | numeric(6,2) | 溶解氧（毫克/升）
                                permanganate | numeric(6,2) | 高锰酸盐指数（毫克/升）
                                ammonia_nitrogen | numeric(6,3) | 氨氮（毫克/升）
                                total_phosphorus | numeric(6,3) | 总磷（毫克/升）
                                """, Environment::waterDaily),
                                Table.of("PollutionSource", "污染源档案（旧系统）", """
                                SourceId | integer* | 污染源编号
                                SourceName | varchar(120)! | 单位名称
                                CreditCode | varchar(18) | 统一社会信用代码 | market.enterprise.uscc
                                Address | varchar(200) | 地址
                                Trade | varchar(40)! | 行业类别
                                KeyLevel | varchar(10)! | 管理级别
                                """, Environment::sources),
                                Table.of("outlet", "排放口", """
                                outlet_code | varchar(16)* | 排放口编码
                                source_id | integer! | 污染源编号 | PollutionSource.SourceId
                                kind | outlet_kind! | 类型
                                mn | char(24) | 数采仪设备编码（HJ 212）
                                longitude | numeric(9,6) | 经度
                                latitude | numeric(9,6) | 纬度
                                """, Environment::outlets),
                                Table.of("outlet_daily", "排放口自动监控日数据", """
                                outlet_code | varchar(16)* | 排放口编码 | outlet.outlet_code
                                data_date | date* | 日期
                                flow_m3 | numeric(12,2) | 排放量（立方米）
                                pollutants | jsonb! | 各污染物浓度
                                """, Environment::outletDaily),
                                Table.of("env_penalty", "环境行政处罚", """
                                penalty_no | varchar(40)* | 文号
                                source_id | integer! | 污染源编号 | PollutionSource.SourceId
                                reason | text! | 违法事实
                                fine_yuan | numeric(14,2)! | 罚款金额（元）
                                decided_on | date! | 决定日期
                                """, Environment::penalties)))
                .with(
                        List.of("CREATE TYPE outlet_kind AS ENUM ('废水', '废气')"),
                        List.of("""
                                CREATE VIEW v_air_latest AS SELECT DISTINCT ON (station_code) station_code, data_time, pm25, o3
                                  FROM air_hourly ORDER BY station_code, data_time DESC""", "COMMENT ON VIEW v_air_latest IS '各站最新小时值'"));
    }

    static SourceSystem folder() {
        return SourceSystem.folder(
                "environment_files",
                List.of(
                        Table.file(
                                FileForm.utf8("noise_hourly.tsv", '\t'),
                                "noise_hourly",
                                "声环境自动监测小时值",
                                """
                        point_code | text* | 点位编码
                        data_time | timestamp* | 时间
                        leq | numeric | 等效声级（分贝）
                        l10 | numeric | 累计声级L10
                        l90 | numeric | 累计声级L90
                        """,
                                Environment::noise),
                        Table.file(
                                FileForm.gb18030("排污许可证.csv", ','),
                                "排污许可证",
                                "排污许可证",
                                """
                        许可证编号 | text* | 许可证编号
                        单位名称 | text | 单位名称
                        统一社会信用代码 | text | 统一社会信用代码 | market.enterprise.uscc
                        发证日期 | date | 发证日期
                        有效期至 | date | 有效期至
                        主要污染物 | text | 主要污染物
                        """,
                                Environment::dischargePermits)));
    }

    private static Table.Partitions quarters() {
        List<String> names = new ArrayList<>();
        List<String> bounds = new ArrayList<>();
        for (int q = 0; q < 9; q++) {
            int year = 2024 + (q + 3) / 4;
            int quarter = (q + 3) % 4 + 1;
            names.add("air_hourly_" + year + "q" + quarter);
            bounds.add("%d-%02d-01".formatted(year, quarter * 3 - 2));
        }
        bounds.add("2027-01-01");
        return new Table.Partitions("data_time", names, bounds);
    }

    private static void airStations(City city, Row row) {
        for (Air.Station s : new Air(city).stations()) {
            row.text(s.code())
                    .text(s.name())
                    .text(s.district().code())
                    .decimal(Math.round(s.longitude() * 1e4), 4)
                    .decimal(Math.round(s.latitude() * 1e4), 4);
            row.text(s.index() < city.places().districts().size() ? "国控" : "市控")
                    .text("{\"pm25\": \"β射线法\", \"o3\": \"紫外吸收法\", \"commissioned\": " + (2015 + s.index() % 8) + "}")
                    .end();
        }
    }

    private static void airHourly(City city, Row row) {
        Air air = new Air(city);
        int[] values = new int[Air.VALUES];
        for (long hour = air.firstHour(); hour < air.firstHour() + air.hours(); hour++) {
            double[] shared = air.shared(hour);
            for (Air.Station s : air.stations()) {
                air.measure(s, hour, shared, values);
                Integer fault = air.fault(hour, s.index());
                Integer unit = fault == null ? air.unitError(hour, s.index()) : null;
                row.text(s.code()).time(hour * 3_600);
                if (fault != null) {
                    row.decimal(-990, 1).plant(Plant.SENSOR_FAULT, fault, "pm25");
                } else {
                    tenths(row, values[Air.PM25]);
                }
                tenths(row, values[Air.PM10]);
                tenths(row, values[Air.SO2]);
                tenths(row, values[Air.NO2]);
                if (unit != null) {
                    int tenths = values[Air.CO_TENTHS] == Air.ABSENT ? 6 : values[Air.CO_TENTHS];
                    row.decimal(tenths * 10_000L, 2).plant(Plant.UNIT_ERROR, unit, "co");
                    row.decimal(500, 1);
                } else {
                    if (values[Air.CO_TENTHS] == Air.ABSENT) {
                        row.none();
                    } else {
                        row.decimal(values[Air.CO_TENTHS] * 10L, 2);
                    }
                    tenths(row, values[Air.O3]);
                }
                row.number(values[Air.WIND_DIRECTION])
                        .decimal(values[Air.WIND_SPEED_TENTHS], 1)
                        .end();
            }
        }
    }

    private static void tenths(Row row, int value) {
        if (value == Air.ABSENT) {
            row.none();
        } else {
            row.decimal(value * 10L, 1);
        }
    }

    private static void airDaily(City city, Row row) {
        Air air = new Air(city);
        int stations = air.stations().size();
        int[] values = new int[Air.VALUES];
        int[] kinds = {Air.PM25, Air.PM10, Air.NO2};
        for (long day = air.firstHour() / 24; day <= Days.TODAY; day++) {
            long[][] sums = new long[stations][kinds.length];
            int[][] counts = new int[stations][kinds.length];
            int[] ozone = new int[stations];
            for (long hour = day * 24; hour < day * 24 + 24; hour++) {
                double[] shared = air.shared(hour);
                for (Air.Station s : air.stations()) {
                    air.measure(s, hour, shared, values);
                    for (int k = 0; k < kinds.length; k++) {
                        boolean faulty = kinds[k] == Air.PM25 && air.fault(hour, s.index()) != null;
                        if (values[kinds[k]] != Air.ABSENT && !faulty) {
                            sums[s.index()][k] += values[kinds[k]];
                            counts[s.index()][k]++;
                        }
                    }
                    ozone[s.index()] = Math.max(ozone[s.index()], values[Air.O3]);
                }
            }
            for (Air.Station s : air.stations()) {
                row.text(s.code()).date(day);
                for (int k = 0; k < kinds.length; k++) {
                    row.decimal(sums[s.index()][k] * 10 / Math.max(1, counts[s.index()][k]), 1);
                }
                row.decimal(ozone[s.index()] * 10L, 1)
                        .number(counts[s.index()][0])
                        .end();
            }
        }
    }

    private static int sections(City city) {
        return (int) city.count(24, 14);
    }

    private static String section(City city, int i) {
        return city.folder().code() + "W" + Days.padded(i + 1, 4);
    }

    private static void waterSections(City city, Row row) {
        List<String> rivers = city.folder().words("rivers");
        int last = city.places().districts().size() - 1;
        for (int i = 0; i < sections(city); i++) {
            CityFolder.District d = city.places().district(last - i % (last + 1));
            row.text(section(city, i))
                    .text(d.name() + city.brand(i + 90_000).substring(0, 2) + "断面")
                    .text(rivers.get(i % rivers.size()))
                    .text(d.code())
                    .text(i % 3 == 0 ? "II" : "III");
            row.text(i < 3 ? null : section(city, i - 3)).end();
        }
    }

    private static int days(City city) {
        return (int) Math.clamp(Math.round(730 * city.scale()), 30, 730);
    }

    private static void waterDaily(City city, Row row) {
        for (int i = 0; i < sections(city); i++) {
            for (long day = Days.TODAY - days(city) + 1; day <= Days.TODAY; day++) {
                Dice dice = city.dice("environment.water", i * 100_000L + day);
                double season = Math.cos(2 * Math.PI * (day - Days.of(2026, 1, 15)) / 365.25);
                row.text(section(city, i))
                        .date(day)
                        .decimal(Math.round(740 + dice.bell() * 20), 2)
                        .decimal(Math.round(820 + 180 * season + dice.bell() * 60), 2);
                row.decimal(Math.round(260 + i % 3 * 80 + dice.bell() * 40), 2)
                        .decimal(Math.max(20, Math.round(180 + i % 3 * 150 + dice.bell() * 70)), 3);
                row.decimal(Math.max(10, Math.round(70 + i % 3 * 25 + dice.bell() * 18)), 3)
                        .end();
            }
        }
    }

    private static Company polluter(City city, int i) {
        return city.company(city.pharmacies() + i);
    }

    private static void sources(City city, Row row) {
        for (int i = 0; i < city.polluters(); i++) {
            Company c = polluter(city, i);
            boolean old = c.is(Plant.COMPANY_OLD_NAME);
            String former = c.formerName();
            row.number(i + 1)
                    .text(old && former != null ? former : c.name())
                    .text(old ? null : c.code())
                    .text(c.address())
                    .text(c.industry());
            row.text(i % 3 == 0 ? "重点" : i % 3 == 1 ? "简化" : "登记");
            if (old) {
                row.plant(Plant.COMPANY_OLD_NAME, c.ordinal(), "SourceName", "Address");
            }
            row.end();
        }
    }

    private static int outletsOf(int source) {
        return source % 2 + 1;
    }

    private static String outlet(City city, int source, int number) {
        return "DW%s%05d%02d".formatted(city.folder().code(), source + 1, number + 1);
    }

    private static void outlets(City city, Row row) {
        for (int i = 0; i < city.polluters(); i++) {
            for (int o = 0; o < outletsOf(i); o++) {
                Dice dice = city.dice("environment.outlet", i * 10L + o);
                CityFolder.District d = polluter(city, i).district();
                row.text(outlet(city, i, o))
                        .number(i + 1)
                        .text(o == 0 ? "废水" : "废气")
                        .text(d.code() + Days.padded(i * 10L + o + 1, 18));
                row.decimal(Math.round((d.longitude() + dice.bell() * 0.06) * 1e6), 6)
                        .decimal(Math.round((d.latitude() + dice.bell() * 0.05) * 1e6), 6)
                        .end();
            }
        }
    }

    private static void outletDaily(City city, Row row) {
        int days = Math.min(120, days(city));
        for (int i = 0; i < city.polluters(); i++) {
            for (int o = 0; o < outletsOf(i); o++) {
                for (long day = Days.TODAY - days + 1; day <= Days.TODAY; day++) {
                    Dice dice = city.dice("environment.outlet_daily", (i * 10L + o) * 100_000 + day);
                    row.text(outlet(city, i, o)).date(day).decimal(dice.between(2_000, 900_000), 2);
                    row.text(
                            o == 0
                                    ? "{\"cod\": %d.%d, \"ammonia_nitrogen\": 0.%d}"
                                            .formatted(dice.between(12, 48), dice.below(10), dice.between(1, 9))
                                    : "{\"so2\": %d, \"nox\": %d, \"dust\": %d.%d}"
                                            .formatted(
                                                    dice.between(3, 34),
                                                    dice.between(10, 49),
                                                    dice.below(9),
                                                    dice.below(10)));
                    row.end();
                }
            }
        }
    }

    private static void penalties(City city, Row row) {
        for (int i = 0; i < city.count(160, 12); i++) {
            Dice dice = city.dice("environment.penalty", i);
            long day = Days.TODAY - dice.between(5, 1_200);
            row.text("%s环罚〔%d〕%04d号".formatted(city.folder().word("initial"), Days.year(day), i))
                    .number(dice.below(city.polluters()) + 1);
            row.text(dice.pick("超标排放水污染物", "未按规定运行污染防治设施", "自动监控设施不正常运行", "未批先建"))
                    .decimal(dice.between(20, 800) * 100_000L, 2)
                    .date(day)
                    .end();
        }
    }

    private static void noise(City city, Row row) {
        long hours = Math.max(48, Math.round(24 * 30 * Math.min(1, city.scale())));
        for (int p = 0; p < 26; p++) {
            for (long h = 0; h < hours; h++) {
                Dice dice = city.dice("environment.noise", p * 100_000L + h);
                long leq = Math.round(540 + 60 * Math.sin(Math.PI * (h % 24 - 6) / 12.0) + dice.bell() * 25);
                row.text(city.folder().code() + "N" + Days.padded(p + 1, 3))
                        .time(((Days.TODAY + 1) * 24 - hours + h) * 3_600)
                        .decimal(leq, 1)
                        .decimal(leq + dice.between(10, 40), 1);
                row.decimal(leq - dice.between(20, 80), 1).end();
            }
        }
    }

    private static void dischargePermits(City city, Row row) {
        for (int i = 0; i < city.polluters(); i++) {
            Dice dice = city.dice("environment.permit", i);
            Company c = polluter(city, i);
            long issued = Days.TODAY - dice.between(60, 1_500);
            row.text(c.code() + "001P")
                    .text(c.name())
                    .text(c.code())
                    .date(issued)
                    .date(issued + 1826)
                    .text(dice.pick("化学需氧量,氨氮", "二氧化硫,氮氧化物", "颗粒物\n挥发性有机物", "总磷"))
                    .end();
        }
    }
}
