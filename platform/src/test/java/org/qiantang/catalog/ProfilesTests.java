package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.catalog.ProfileAlarm.Kind;
import org.qiantang.catalog.ProfileAlarm.State;
import org.qiantang.core.Problem;
import org.qiantang.lake.ColumnProfile;
import org.qiantang.lake.TableName;

class ProfilesTests {
    private static final Instant START = Instant.parse("2026-11-01T02:00:00Z");

    private static TestDirectory directory;
    private static Profiles profiles;
    private static int tables;

    private TableName table;
    private UUID id;
    private long snapshot;

    @BeforeAll
    static void open() throws Exception {
        directory = new TestDirectory();
        profiles = new Profiles(
                directory.jdbc, directory.transaction, directory.resources, AlarmLimits.USUAL, directory.clock);
    }

    @BeforeEach
    void aTableOfThePolice() {
        String name = "t" + ++tables;
        directory.record(
                TestDirectory.POLICE,
                name,
                "登记" + tables,
                START,
                "kind:string:类别",
                "amount:long:数量",
                "phone:string:手机号");
        table = new TableName("raw_police", name);
        id = directory.resources.find(table).orElseThrow().id();
        level("phone", Level.L3);
    }

    private void level(String field, Level level) {
        Classifications classifications =
                new Classifications(directory.jdbc, directory.resources, directory.transaction, directory.clock);
        FieldClass now = classifications.get(TestDirectory.ENGINEER, id).fields().stream()
                .filter(each -> each.name().equals(field))
                .findFirst()
                .orElseThrow();
        classifications.decide(
                TestDirectory.ENGINEER,
                id,
                field,
                new Classifications.Wanted(level, null, Grade.GENERAL, "looked at"),
                new Classifications.Seen(
                        now.decisions().isEmpty()
                                ? null
                                : now.decisions().getFirst().id(),
                        now.proposedLevel(),
                        now.proposedKind()));
    }

    private static ColumnProfile text(String column, long rows, long nulls, long distinct, String shape, String top) {
        return new ColumnProfile(
                column,
                "string",
                rows,
                nulls,
                distinct,
                false,
                new ColumnProfile.Lengths(1, 2, 3),
                100,
                100,
                List.of(new ColumnProfile.Pattern(shape, 100)),
                new ColumnProfile.Values(
                        null, null, List.of(), List.of(), List.of(new ColumnProfile.Top(top, 7)), null));
    }

    private static ColumnProfile number(String column, long rows, String lowest, String highest) {
        return new ColumnProfile(
                column,
                "long",
                rows,
                0,
                50,
                true,
                null,
                50,
                50,
                List.of(),
                new ColumnProfile.Values(lowest, highest, List.of(lowest), List.of(rows), List.of(), null));
    }

    private static ColumnProfile moment(long rows, @Nullable String newest) {
        return new ColumnProfile(
                "amount",
                "timestamptz",
                rows,
                0,
                50,
                true,
                null,
                50,
                50,
                List.of(),
                new ColumnProfile.Values("2026-01-01T00:00:00Z", newest, List.of(), List.of(), List.of(), newest));
    }

    private void profiled(ColumnProfile... columns) {
        snapshot++;
        profiled(START.plus(Duration.ofDays(snapshot)), columns);
    }

    private void profiled(Instant at, ColumnProfile... columns) {
        directory.transaction.executeWithoutResult(status -> profiles.record(table, snapshot, at, List.of(columns)));
    }

    private List<ProfileAlarm> alarms() {
        return profiles.get(TestDirectory.OFFICER, id).alarms();
    }

    @Test
    void whatGoesOnChangingIsMeasuredAgainButNotAllTheTime() {
        Instant at = START.plus(Duration.ofDays(30));
        assertThat(profiles.listUnmeasured(at, at)).contains(table);

        snapshot = 9_000_001;
        directory.resources.changed(table, snapshot, 100, 1_000, at);
        profiled(at, text("kind", 100, 0, 5, "汉{2}", "在用"));
        assertThat(profiles.listUnmeasured(at.plusSeconds(1), at.plusSeconds(1)))
                .as("as it stands")
                .doesNotContain(table);

        directory.resources.changed(table, snapshot + 1, 101, 1_010, at.plusSeconds(60));
        assertThat(profiles.listUnmeasured(at.plusSeconds(1), at))
                .as("a moment ago")
                .doesNotContain(table);
        assertThat(profiles.listUnmeasured(at, at.plusSeconds(1)))
                .as("some time ago")
                .contains(table);
    }

    @Test
    void aResourceThatWasNeverProfiledSaysSo() {
        Profile profile = profiles.get(TestDirectory.OFFICER, id);

        assertThat(profile.at()).isNull();
        assertThat(profile.columns()).isEmpty();
        assertThat(profile.history()).isEmpty();
    }

    @Test
    void aProfileSaysOfWhichSnapshotItIsAndThatTheTableHasMovedOn() {
        profiled(text("kind", 100, 3, 20, "汉{2}", "甲类"), number("amount", 100, "1", "90"));
        Profile profile = profiles.get(TestDirectory.OFFICER, id);

        assertThat(profile.at()).isEqualTo(START.plus(Duration.ofDays(1)));
        assertThat(profile.snapshotId()).isEqualTo("1");
        assertThat(profile.rows()).isEqualTo(100);
        assertThat(profile.current()).isTrue();
        assertThat(profile.columns())
                .extracting(column -> column.profile().column())
                .containsExactly("kind", "amount");
        assertThat(profile.columns()
                        .getFirst()
                        .profile()
                        .values()
                        .top()
                        .getFirst()
                        .value())
                .isEqualTo("甲类");

        directory.resources.changed(table, 99, 101, 1_000, START.plus(Duration.ofDays(2)));

        assertThat(profiles.get(TestDirectory.OFFICER, id).current()).isFalse();
    }

    @Test
    void aSensitiveColumnIsStoredByItsCountsAndShapesAlone() {
        profiled(text("phone", 100, 0, 100, "9{11}", "13812345678"), text("nameless", 100, 0, 9, "a", "secret"));

        assertThat(profiles.get(TestDirectory.ENGINEER, id).columns()).allSatisfy(column -> {
            assertThat(column.hidden()).isTrue();
            assertThat(column.profile().values()).isNull();
            assertThat(column.profile().patterns()).hasSize(1);
        });
        assertThat(stored()).doesNotContain("13812345678").doesNotContain("secret");
    }

    @Test
    void whatBecomesSensitiveIsForgotten() {
        profiled(number("amount", 100, "41", "42"));
        profiled(number("amount", 100, "41", "977"));
        assertThat(stored()).contains("977");
        assertThat(alarms())
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.now()).contains("977"));

        level("amount", Level.L3);

        assertThat(stored()).doesNotContain("977");
        assertThat(alarms())
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.now()).isEmpty());
        assertThat(profiles.get(TestDirectory.ENGINEER, id)
                        .columns()
                        .getFirst()
                        .profile()
                        .values())
                .isNull();

        // And what was forgotten does not come back with a lower level, only with the next collection.
        level("amount", Level.L1);
        assertThat(profiles.get(TestDirectory.ENGINEER, id)
                        .columns()
                        .getFirst()
                        .profile()
                        .values())
                .isNull();
    }

    /** Everything that is kept of the table, as text. */
    private String stored() {
        return String.join(
                "\n",
                directory.jdbc.sql("""
                                select p::text from catalog_profiles p where resource_id = :id
                                union all select c::text from catalog_profile_columns c where resource_id = :id
                                union all select a::text from catalog_profile_alarms a where resource_id = :id""").param("id", id).query(String.class).list());
    }

    @Test
    void theHistoryHasCountsInTheirOrderAndAnEnd() {
        for (int i = 0; i < 40; i++) {
            profiled(text("kind", 1_000 + i, i, 20, "汉{2}", "甲类"));
        }
        List<Profile.Former> history = profiles.get(TestDirectory.OFFICER, id).history();

        assertThat(history).hasSize(30);
        assertThat(history.getFirst().rows()).isEqualTo(1_010);
        assertThat(history.getLast().columns().get("kind")).isEqualTo(new Profile.Counts(39, 20));
        assertThat(alarms()).isEmpty();
    }

    @Test
    void aColumnThatIsSuddenlyEmptyIsToldOnceAndSettlesWhenItIsFilledAgain() {
        profiled(text("kind", 1_000, 20, 200, "汉{2}", "甲类"));
        profiled(text("kind", 1_010, 900, 200, "汉{2}", "甲类"));
        profiled(text("kind", 1_020, 910, 200, "汉{2}", "甲类"));

        assertThat(alarms()).singleElement().satisfies(alarm -> {
            assertThat(alarm.kind()).isEqualTo(Kind.NULLS);
            assertThat(alarm.field()).isEqualTo("kind");
            assertThat(alarm.comment()).isEqualTo("类别");
            assertThat(alarm.before()).containsExactly("0.0200");
            assertThat(alarm.now()).containsExactly("0.8911");
            assertThat(alarm.raisedAt()).isEqualTo(START.plus(Duration.ofDays(2)));
        });

        profiled(text("kind", 1_030, 25, 200, "汉{2}", "甲类"));

        assertThat(alarms()).isEmpty();
        assertThat(all(Set.of(State.SETTLED))).singleElement().satisfies(alarm -> {
            assertThat(alarm.settledAt()).isEqualTo(START.plus(Duration.ofDays(4)));
            assertThat(alarm.settledBy()).isNull();
        });
    }

    private List<ProfileAlarm> all(Set<State> states) {
        return profiles.listAlarms(TestDirectory.OFFICER, states, id, new Resources.Range(0, 50))
                .items();
    }

    @Test
    void differentValuesThatVanishAndANewWayOfWritingAreAlarms() {
        profiled(text("kind", 1_000, 0, 200, "9{6}", "330100"));
        profiled(text("kind", 1_000, 0, 3, "汉{3}", "杭州市"));

        assertThat(alarms()).extracting(ProfileAlarm::kind).containsExactlyInAnyOrder(Kind.DISTINCT, Kind.PATTERN);
        assertThat(alarms()).anySatisfy(alarm -> {
            assertThat(alarm.before()).containsExactly("9{6}");
            assertThat(alarm.now()).containsExactly("汉{3}", "1.0000");
        });
    }

    @Test
    void aTableThatLosesHalfItsRowsIsOneAlarmAndItsColumnsAreNotComparedWithOtherRows() {
        profiled(text("kind", 1_000, 0, 200, "9{6}", "330100"), number("amount", 1_000, "1", "100"));
        profiled(text("kind", 400, 300, 3, "9{6}", "330100"), number("amount", 400, "1", "9999"));

        assertThat(alarms()).singleElement().satisfies(alarm -> {
            assertThat(alarm.kind()).isEqualTo(Kind.ROWS);
            assertThat(alarm.field()).isNull();
            assertThat(alarm.before()).containsExactly("1000");
            assertThat(alarm.now()).containsExactly("400");
        });
    }

    @Test
    void ofASmallTableNothingIsSaid() {
        profiled(text("kind", 12, 0, 12, "9{6}", "330100"));
        profiled(text("kind", 1, 1, 0, "汉{3}", "杭州市"));

        assertThat(alarms()).isEmpty();
    }

    @Test
    void aValueFarOutsideOfTheRangeIsAnAlarmAndTheNextOneIsNot() {
        profiled(number("amount", 100, "0", "100"));
        profiled(number("amount", 100, "0", "180"));
        assertThat(alarms()).isEmpty();

        profiled(number("amount", 100, "-9000", "180"));
        assertThat(alarms()).singleElement().satisfies(alarm -> {
            assertThat(alarm.kind()).isEqualTo(Kind.RANGE);
            assertThat(alarm.before()).containsExactly("0", "180");
            assertThat(alarm.now()).containsExactly("-9000", "180");
        });
    }

    @Test
    void whatMovedOnEveryDayAndStopsIsLateAndWhatNeverMovedIsNot() {
        for (int day = 1; day <= 6; day++) {
            profiled(moment(1_000, "2026-11-0" + day + "T20:00:00Z"));
        }
        assertThat(alarms()).isEmpty();

        profiled(moment(1_000, "2026-11-06T20:00:00Z"));
        profiled(moment(1_000, "2026-11-06T20:00:00Z"));
        profiled(moment(1_000, "2026-11-06T20:00:00Z"));
        assertThat(alarms()).singleElement().satisfies(alarm -> {
            assertThat(alarm.kind()).isEqualTo(Kind.LATE);
            assertThat(alarm.now().getFirst()).isEqualTo("2026-11-06T20:00:00Z");
        });

        profiled(moment(1_000, "2026-11-09T20:00:00Z"));
        assertThat(alarms()).isEmpty();

        aTableOfThePolice();
        for (int day = 1; day <= 9; day++) {
            profiled(moment(1_000, "2025-01-01T20:00:00Z"));
        }
        assertThat(alarms()).isEmpty();
    }

    @Test
    void whoAnswersForTheDataSeesAnAlarmAndSettlesIt() {
        profiled(number("amount", 1_000, "0", "100"));
        profiled(number("amount", 100, "0", "100"));
        long alarm = alarms().getFirst().id();

        assertThat(profiles.get(TestDirectory.OTHER_OFFICER, id)
                        .alarms()
                        .getFirst()
                        .mayAct())
                .isFalse();
        assertThatThrownBy(() -> profiles.see(TestDirectory.OTHER_OFFICER, alarm))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(CatalogProblem.NOT_YOUR_ALARM));
        assertThat(profiles.listAlarms(TestDirectory.OTHER_OFFICER, Set.of(), null, new Resources.Range(0, 50))
                        .items())
                .isEmpty();

        profiles.see(TestDirectory.OFFICER, alarm);
        profiles.see(TestDirectory.OFFICER, alarm);
        assertThat(alarms().getFirst().state()).isEqualTo(State.SEEN);
        assertThat(alarms().getFirst().seenBy()).isEqualTo("shen");

        profiles.settle(TestDirectory.ENGINEER, alarm, "一次性清理");
        assertThat(alarms()).isEmpty();
        assertThat(all(Set.of(State.SETTLED)).getFirst().note()).isEqualTo("一次性清理");
        assertThatThrownBy(() -> profiles.see(TestDirectory.OFFICER, alarm))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(CatalogProblem.ALARM_SETTLED));

        profiled(number("amount", 101, "0", "100"));
        assertThat(alarms()).isEmpty();
    }
}
