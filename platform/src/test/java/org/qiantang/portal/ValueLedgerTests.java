package org.qiantang.portal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qiantang.portal.TestPortal.ANALYST;
import static org.qiantang.portal.TestPortal.CIVIL;
import static org.qiantang.portal.TestPortal.HEALTH;
import static org.qiantang.portal.TestPortal.POLICE;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.LakeReader;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;

/** What is read of the city's data, and what never is. */
class ValueLedgerTests {
    @TempDir
    Path folder;

    private TestPortal portal;

    @BeforeEach
    void open() throws Exception {
        portal = new TestPortal(folder);
        portal.land(POLICE, "street", List.of(), List.of("name"), List.of(List.of("转塘街道"), List.of("北山街道")));
        portal.land(HEALTH, "clinic", List.of(), List.of("name"), List.of(List.of("第一门诊部")));
    }

    @AfterEach
    void close() {
        portal.close();
    }

    private ValueLedger.Value value() {
        assertThat(portal.bean(ValueLedger.class).sum()).isTrue();
        return portal.bean(ValueLedger.class).value(30);
    }

    private void read() {
        portal.reader().ask(ANALYST, new LakeReader.Asked(null, "SELECT * FROM raw_police.street", null), 10);
    }

    @Test
    void whatPeopleReadIsSummedByDayAndWhatThePlatformReadsIsNot() {
        read();
        read();
        portal.reader()
                .readInClear(
                        "platform",
                        "quality",
                        new Query("SELECT count(*) FROM raw_health.clinic", null, 1, Map.of()),
                        new RowSink() {
                            @Override
                            public void columns(List<ResultColumn> columns) {
                                // One.
                            }

                            @Override
                            public void row(List<String> values) {
                                assertThat(values).containsExactly("1");
                            }
                        });

        ValueLedger.Value value = value();
        assertThat(value.all()).isEqualTo(new ValueLedger.Use(2, 4, 0));
        assertThat(value.top()).singleElement().satisfies(top -> {
            assertThat(top.title()).isEqualTo("street");
            assertThat(top.use().reads()).isEqualTo(2);
        });
        assertThat(value.unused()).extracting(ValueLedger.Unused::title).containsExactly("clinic");
        assertThat(value.unusedCount()).isEqualTo(1);
        assertThat(value.doors()).extracting(ValueLedger.UseBy::name).containsExactly("sql");
        read();
        assertThat(value().all().reads()).as("summed anew, not twice").isEqualTo(3);
    }

    @Test
    void daysThatWereMissedAreSummedLater() {
        read();
        portal.clock.pass(Duration.ofDays(5));
        read();

        ValueLedger.Value value = value();

        assertThat(value.days()).extracting(day -> day.day().toString()).containsExactly("2026-11-23", "2026-11-28");
        assertThat(value.all().reads()).isEqualTo(2);
    }

    @Test
    void aCaseUnderAGrantIsOneFormThatNobodyHadToFillIn() {
        for (String each : List.of("救助-1", "救助-1", "救助-2", "")) {
            portal.jdbc
                    .sql("""
                            insert into catalog_access (at, who, purpose, sql, tables, unmasked, rows, entitlement, entitlement_number, scenario,
                                department, case_number)
                            values (:at, 'gao', 'sql', 'x', array['raw_police.street'], false, 1, gen_random_uuid(), 'SQ-1', '低保资格核对', :civil, :case)""")
                    .param("at", java.sql.Timestamp.from(portal.clock.instant()))
                    .param("civil", CIVIL.id())
                    .param("case", each)
                    .update();
        }

        ValueLedger.Value value = value();

        assertThat(value.all()).isEqualTo(new ValueLedger.Use(4, 4, 2));
        assertThat(value.departments())
                .singleElement()
                .satisfies(each -> assertThat(each.department()).isEqualTo(CIVIL));
        assertThat(value.scenarios()).extracting(ValueLedger.UseBy::name).containsExactly("低保资格核对");
        assertThat(value.top().getFirst().departments()).isEqualTo(1);
    }
}
