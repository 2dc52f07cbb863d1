package org.qiantang.app.demo;

import java.util.List;
import org.qiantang.app.demo.City.Address;
import org.qiantang.app.demo.City.Estate;
import org.qiantang.app.demo.City.Person;

/** 住建局: estates, dwellings, who owns and who rents them. */
final class Housing {
    private Housing() {}

    static SourceSystem system() {
        return SourceSystem.database(
                        "housing",
                        List.of(
                                Table.of("PropertyCompany", "物业服务企业", """
                                CompanyID | integer* | 企业编号
                                CompanyName | varchar(120)! | 企业名称
                                CreditCode | varchar(18)! | 统一社会信用代码 | market.enterprise.uscc
                                Grade | varchar(10) | 信用等级
                                """, Housing::propertyCompanies),
                                Table.of("estate", "住宅小区", """
                                estate_id | bigint* | 小区编号
                                estate_name | varchar(60)! | 小区名称
                                district_code | char(6)! | 区县代码 | police.xzqh.qhdm
                                community_code | varchar(12)! | 社区代码 | civil_affairs.community.community_code
                                address | varchar(120)! | 坐落
                                property_company | integer | 物业企业编号 | PropertyCompany.CompanyID
                                built_year | smallint | 建成年份
                                """, Housing::estates),
                                Table.of("building", "楼幢", """
                                building_id | bigint* | 楼幢编号
                                estate_id | bigint! | 小区编号 | estate.estate_id
                                building_no | smallint! | 幢号
                                floors | smallint! | 层数
                                structure | varchar(20) | 结构
                                """, Housing::buildings),
                                Table.of("house", "房屋", """
                                house_id | bigint* | 房屋编号
                                building_id | bigint! | 楼幢编号 | building.building_id
                                unit_no | smallint! | 单元
                                room_no | varchar(10)! | 室号
                                area_m2 | numeric(8,2)! | 建筑面积（平方米）
                                usage | varchar(10)! | 用途
                                address_code | varchar(24) | 标准地址编码 | police.standard_address.address_code
                                """, Housing::houses),
                                Table.of("property_right", "房屋产权登记", """
                                cert_no | varchar(40)* | 不动产权证号
                                house_id | bigint! | 房屋编号 | house.house_id
                                owner_name | varchar(60)! | 权利人
                                owner_id_no | varchar(18)! | 权利人证件号 | police.resident.id_number
                                share | numeric(5,4)! | 份额
                                registered_at | timestamp! | 登记时间
                                """, Housing::rights),
                                Table.of("rental_contract", "房屋租赁备案", """
                                contract_no | varchar(24)* | 备案编号
                                house_id | bigint! | 房屋编号 | house.house_id
                                tenant_name | varchar(60)! | 承租人
                                tenant_id_no | varchar(18)! | 承租人身份证号 | police.resident.id_number
                                monthly_rent | money! | 月租金
                                period | daterange! | 租期
                                """, Housing::rentals),
                                Table.of("lift", "电梯", """
                                lift_code | varchar(20)* | 电梯注册代码
                                building_id | bigint! | 楼幢编号 | building.building_id
                                brand | varchar(30) | 品牌
                                last_inspected | date | 上次检验日期
                                next_inspection | date | 下次检验日期
                                """, Housing::lifts)))
                .with(List.of(), List.of("""
                                CREATE MATERIALIZED VIEW mv_estate_houses AS
                                  SELECT b.estate_id, count(*) AS houses, sum(h.area_m2) AS area_m2 FROM house h JOIN building b USING (building_id) GROUP BY 1""", "COMMENT ON MATERIALIZED VIEW mv_estate_houses IS '小区房屋统计'"));
    }

    private static int companyCount(City city) {
        return (int) city.count(80, 10);
    }

    private static void propertyCompanies(City city, Row row) {
        for (int i = 0; i < companyCount(city); i++) {
            City.Company c = city.company(city.pharmacies() + city.polluters() + i);
            row.number(i + 1)
                    .text(c.name())
                    .text(c.code())
                    .text(i % 7 == 3 ? null : city.dice("housing.company", i).pick("AAA", "AA", "A"))
                    .end();
        }
    }

    private static void estates(City city, Row row) {
        for (long i = 0; i < city.estates(); i++) {
            Estate e = city.estate(i);
            Dice dice = city.dice("housing.estate", i);
            row.number(i)
                    .text(e.name())
                    .text(e.district().code())
                    .text(e.community().code())
                    .text(e.district().name() + e.street().name() + e.road() + e.number() + "号");
            if (dice.perMille(850)) {
                row.number(dice.below(companyCount(city)) + 1);
            } else {
                row.none();
            }
            row.number(dice.between(1985, 2024)).end();
        }
    }

    private static int buildingsOf(City city, long estate) {
        long dwellings = (city.households() - 1 - estate) / city.estates() + 1;
        return (int) Math.ceilDiv(dwellings, 20L);
    }

    private static void buildings(City city, Row row) {
        for (long i = 0; i < city.estates(); i++) {
            for (int b = 1; b <= buildingsOf(city, i); b++) {
                row.number(i * 1_000 + b)
                        .number(i)
                        .number(b)
                        .number(city.dice("housing.building", i * 1_000 + b).between(5, 33))
                        .text(b % 3 == 0 ? "砖混" : "钢筋混凝土")
                        .end();
            }
        }
    }

    private static void houses(City city, Row row) {
        for (long i = 0; i < city.households(); i++) {
            Address a = city.address(i);
            row.number(i)
                    .number(a.estate() * 1_000 + a.building())
                    .number(a.unit())
                    .text(Integer.toString(a.room()));
            row.decimal(city.dice("housing.house", i).between(3_800, 18_900), 2)
                    .text("住宅")
                    .text(a.code())
                    .end();
        }
    }

    private static void rights(City city, Row row) {
        String province = city.folder().word("province-initial");
        // Households whose head receives the minimum allowance own the dwellings of their neighbours, too.
        long[] rich = city.planted(Plant.LOW_INCOME_WITH_PROPERTY);
        for (long i = 0; i < city.households(); i++) {
            Person head = city.person(city.headOf(i));
            Dice dice = city.dice("housing.right", i);
            int neighbour = -1;
            for (int r = 0; r < rich.length; r++) {
                long home = city.person(rich[r]).household();
                if (i != home && i - home <= 2 && i > home) {
                    neighbour = r;
                }
            }
            boolean taken = neighbour >= 0 && head.plant() == null;
            boolean planted = head.is(Plant.LOW_INCOME_WITH_PROPERTY) || head.is(Plant.FIFTEEN_DIGIT_ID);
            if (!taken && !planted && !dice.perMille(780)) {
                continue;
            }
            Person owner = taken ? city.person(rich[neighbour]) : head;
            String id = owner.idNumber();
            if (owner.is(Plant.FIFTEEN_DIGIT_ID)) {
                id = id.substring(0, 6) + id.substring(8, 17);
            }
            long day = Days.of(2003, 1, 1) + dice.below(8_600);
            row.text(province
                            + "（%d）%s不动产权第%08d号"
                                    .formatted(Days.year(day), city.folder().name(), i))
                    .number(i)
                    .text(owner.name())
                    .text(id)
                    .decimal(10_000, 4);
            row.time(day * Days.SECONDS + dice.between(32_000, 60_000));
            Plant plant = owner.plant();
            if (plant == Plant.LOW_INCOME_WITH_PROPERTY || plant == Plant.FIFTEEN_DIGIT_ID) {
                row.plant(plant, owner.ordinal(), "owner_name", "owner_id_no");
            }
            row.end();
        }
    }

    private static void rentals(City city, Row row) {
        for (long i = 0; i < city.households(); i++) {
            Dice dice = city.dice("housing.rental", i);
            Person p = city.person(city.headOf(i));
            if (p.age() > 50 || !p.alive() || !dice.perMille(220)) {
                continue;
            }
            long from = Days.TODAY - dice.below(500);
            row.text("ZL" + city.folder().code() + Days.padded(i, 10))
                    .number(dice.below(city.households()))
                    .text(p.name())
                    .text(p.idNumber())
                    .decimal(dice.between(1_200, 9_500) * 100L, 2);
            row.text("[" + Days.text(from) + "," + Days.text(from + 365) + ")").end();
        }
    }

    private static void lifts(City city, Row row) {
        String[] makers = city.folder().words("lift-makers").toArray(String[]::new);
        for (long i = 0; i < city.estates(); i++) {
            for (int b = 1; b <= buildingsOf(city, i); b++) {
                Dice dice = city.dice("housing.lift", i * 1_000 + b);
                if (dice.perMille(750)) {
                    long last = Days.TODAY - dice.below(420);
                    row.text("3110" + city.folder().code() + "0" + Days.padded(i * 1_000 + b, 11))
                            .number(i * 1_000 + b)
                            .text(dice.pick(makers))
                            .date(last)
                            .date(last + 365)
                            .end();
                }
            }
        }
    }
}
