package org.qiantang.app.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.function.Predicate.not;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a trial city's organisation knows of its ground is what the city's tables stand on. */
class TrialDivisionsTest {
    @Test
    void everyStreetAndCommunityOfTheTablesIsADivisionSinceItsDistrictIsOne() {
        for (CityFolder city : List.of(CityFolder.builtIn(), CityFolder.at(OtherCity.FOLDER))) {
            Set<String> divisions = new String(city.communities(), UTF_8)
                    .lines()
                    .skip(1)
                    .map(line -> line.substring(0, line.lastIndexOf(',')))
                    .collect(Collectors.toSet());
            Set<String> rows = new TreeSet<>();
            new DemoCity(city, DemoCity.SEED, 0.001).write((source, table) -> row -> {
                if (source.name().equals("civil_affairs") && table.name().equals("community")) {
                    rows.add(row.textAt(0) + "," + row.textAt(1));
                    rows.add(row.textAt(2) + "," + row.textAt(3));
                }
            });

            assertThat(rows).hasSizeGreaterThan(300);
            assertThat(divisions).containsExactlyInAnyOrderElementsOf(rows);
        }
        assertThat(new String(CityFolder.builtIn().communities(), UTF_8).lines())
                .startsWith("code,name,valid_from", "330102001,清波街道,2021-04-09")
                .contains("330106001,北山街道,", "330114001,下沙街道,2021-04-09")
                .filteredOn(not(line -> line.startsWith("code") || line.startsWith("3301")))
                .isEmpty();
    }
}
