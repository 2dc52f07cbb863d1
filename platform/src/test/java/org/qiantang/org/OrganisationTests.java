package org.qiantang.org;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.org.ImportKind.DEPARTMENTS;
import static org.qiantang.org.ImportKind.DIVISIONS;
import static org.qiantang.org.ImportKind.PEOPLE;
import static org.qiantang.org.ImportKind.POSTS;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.core.Problem;
import org.qiantang.org.ImportPlan.Outcome;

/** The organisation as it comes from spreadsheets and is read as of a day. */
class OrganisationTests {
    private static final Actor SYSTEM = new Actor("sysadmin", "10.0.0.1");
    private static final LocalDate NOW = LocalDate.of(2026, 11, 23);
    private static final String CITY = """
            code,name,valid_from,valid_to,successors
            3301,杭州市,,,
            330103,下城区,,2021-04-09,330105
            330105,拱墅区,,2021-04-09,330105
            330105,拱墅区,2021-04-09,,
            330106,西湖区,,,
            330106004,西溪街道,,,
            """;

    private Organisations city;

    @BeforeEach
    void open() {
        city = new Organisations();
    }

    private ImportPlan plan(ImportKind kind, String csv) {
        return city.imports.plan(kind, csv.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> faults(ImportPlan plan) {
        return plan.faults().stream()
                .map(fault -> fault.line() + " " + fault.column() + " " + fault.code())
                .toList();
    }

    @Test
    void aDryRunSaysWhatEachLineWouldDoAndWritesNothing() {
        ImportPlan plan = plan(DIVISIONS, CITY);

        assertThat(plan.faults()).isEmpty();
        assertThat(plan.counts()).isEqualTo(new ImportPlan.Counts(6, 0, 0, 0, 0, 0));
        assertThat(city.divisions.tree().all()).isEmpty();

        city.bring(DIVISIONS, CITY);
        assertThat(city.divisions.tree().resolve("330103", NOW)).containsExactly("330105");
        assertThat(city.divisions.tree().roots(NOW)).extracting(Division::code).containsExactly("3301");
        assertThat(plan(DIVISIONS, CITY).counts().same()).isEqualTo(6);

        ImportPlan next = plan(DIVISIONS, """
                代码,名称,生效日期,失效日期,继承代码
                330106,西湖新区,,2027/1/1,330105
                330105,拱墅区,2021年4月9日,,
                330106004,西溪街道,,2027-01-01,
                """);
        assertThat(next.lines())
                .extracting(ImportPlan.Line::outcome)
                .containsExactly(Outcome.ENDED, Outcome.SAME, Outcome.ENDED);
        assertThat(next.lines().getFirst().changes())
                .contains(
                        new ImportPlan.Change("name", "西湖区", "西湖新区"),
                        new ImportPlan.Change("valid_to", null, "2027-01-01"));
    }

    @Test
    void whatIsWrongIsSaidWithItsLineAndColumnAndNothingOfTheFileIsTaken() {
        city.bring(DIVISIONS, CITY);
        String wrong = """
                code,name,parent,valid_from,valid_to,successors
                33010x,错,,,,
                330107,,,,,
                330108,滨江区,9999,,,
                330109,萧山区,,2021-13-01,,
                330110,余杭区,,2021-04-09,2021-04-09,
                330111,富阳区,,,2020-01-01,330199
                330112,临安区,,,,330111
                330106,西湖区,,,2026-01-01,
                330105,拱墅区,,2020-01-01,,
                "330113","临
                平区",,,,
                330113,临平区,,,,
                """;
        ImportPlan plan = plan(DIVISIONS, wrong);

        assertThat(faults(plan))
                .containsExactly(
                        "2 code org.line_bad_code",
                        "3 name org.line_missing",
                        "4 parent org.line_no_such",
                        "5 valid_from org.line_bad_date",
                        "6 valid_to org.line_reversed",
                        "7 successors org.line_no_such",
                        "8 successors org.line_successor_without_end",
                        "9 valid_to org.line_still_used",
                        "10 valid_from org.line_overlaps",
                        "13 code org.line_twice");
        assertThat(plan.faults().get(2).zh()).contains("9999");
        assertThat(plan.faults().get(2).en()).contains("9999");
        assertThatThrownBy(() -> city.bring(DIVISIONS, wrong))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(OrgProblem.IMPORT_HAS_FAULTS));
        assertThat(city.divisions.tree().periods("330108")).isEmpty();
    }

    @Test
    void onlyWhatWasTriedIsAppliedAndOnlyWhileNothingChangedSince() {
        byte[] file = CITY.getBytes(StandardCharsets.UTF_8);
        String token = city.imports.plan(DIVISIONS, file).token();
        byte[] other = CITY.replace("西湖区", "东湖区").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> city.imports.apply(SYSTEM, DIVISIONS, other, token))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(OrgProblem.IMPORT_STALE));
        city.departments.ensure(List.of(new Department("police", "公安局", "Police")));
        assertThatThrownBy(() -> city.imports.apply(SYSTEM, DIVISIONS, file, token))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(OrgProblem.IMPORT_STALE));
        assertThat(city.divisions.tree().all()).isEmpty();
        city.bring(DIVISIONS, CITY);
        assertThat(city.audit.list(new AuditTrail.Wanted(null, Act.ORGANISATION_IMPORTED, null, 0, 10)))
                .singleElement()
                .satisfies(entry -> assertThat(entry.after()).containsEntry("added", 6));
    }

    @Test
    void aFileInTheEncodingOfAnOfficeProgramReadsTheSame() {
        city.imports.ensure(DIVISIONS, CITY.getBytes(Charset.forName("GBK")));
        assertThat(city.divisions.tree().find("330106004", NOW).orElseThrow().name())
                .isEqualTo("西溪街道");
        assertThat(plan(DIVISIONS, "\uFEFF" + CITY.replace(',', '\t')).counts().same())
                .isEqualTo(6);
        for (String unreadable : List.of("", "code,name,colour\n1,2,3\n", "name\nx\n", "code,name,code\n")) {
            assertThatThrownBy(() -> plan(DIVISIONS, unreadable))
                    .isInstanceOfSatisfying(
                            Problem.class,
                            problem -> assertThat(problem.code()).isEqualTo(OrgProblem.IMPORT_UNREADABLE));
        }
    }

    @Test
    void whatIsExportedImportsAsItIs() {
        city.bring(DIVISIONS, CITY);
        departmentsAndPosts();
        for (ImportKind kind : List.of(DIVISIONS, DEPARTMENTS, POSTS)) {
            ImportPlan plan = plan(kind, city.imports.export(kind));
            assertThat(plan.counts().same())
                    .as(kind.name())
                    .isEqualTo(plan.lines().size())
                    .isPositive();
        }
        assertThat(city.imports.export(PEOPLE).lines()).hasSize(1);
    }

    private void departmentsAndPosts() {
        city.bring(DEPARTMENTS, """
                id,name,name_en,division,parent,uscc,valid_to
                government,市政府,City government,3301,,,
                hotline,热线中心,Hotline,3301,government,,
                old_bureau,旧局,Old bureau,3301,government,,2020-01-01
                """);
        city.bring(POSTS, """
                id,department,name,reports_to,divisions
                mayor,government,市长,,
                head,hotline,主任,mayor,
                officer,hotline,专员,head,330103 330106
                """);
    }

    @Test
    void departmentsThatStandAboveThemselvesAndUnknownOnesAreRefused() {
        city.bring(DIVISIONS, CITY);
        ImportPlan plan = plan(DEPARTMENTS, """
                id,name,name_en,division,parent,uscc
                a,甲,A,3301,b,
                b,乙,B,3301,a,
                c,丙,C,9999,none,91330106MA2CFRPT30
                C d,丁,D,,,
                """);
        assertThat(faults(plan))
                .contains(
                        "2 parent org.line_cycle",
                        "3 parent org.line_cycle",
                        "4 division org.line_no_such",
                        "4 parent org.line_no_such",
                        "5 id org.line_bad_code");
        assertThat(plan.faults())
                .filteredOn(fault -> fault.column().equals("uscc"))
                .singleElement()
                .satisfies(fault -> assertThat(fault.severity()).isEqualTo(ImportPlan.Severity.WARNING));
    }

    @Test
    void aPersonHasPostsAJurisdictionAndALineUpwardAsOfADay() {
        city.bring(DIVISIONS, CITY);
        departmentsAndPosts();
        city.accounts.ensure(new Account("wang", "王", Set.of(Role.OFFICER), null), "only for tests, by hand");
        city.bring(PEOPLE, """
                id,name,phone,email,account,post,valid_from,valid_to
                p1,甲员,13800001111,jia@example.org,wang,officer,2020-01-01,2026-12-01
                p1,甲员,13800001111,jia@example.org,wang,head,2026-12-01,
                p2,乙员,,,,head,,2026-12-01
                p3,丙员,,,,mayor,,
                """);

        Posts.Standing today = city.posts.find("wang", NOW).orElseThrow();
        assertThat(today.posts()).extracting(held -> held.post().id()).containsExactly("officer");
        assertThat(today.jurisdiction().codes()).containsExactly("330103", "330106");
        assertThat(today.jurisdiction().covers("330106004", NOW)).isTrue();
        assertThat(today.line()).extracting(held -> held.post().id()).containsExactly("head", "mayor");
        assertThat(today.line().getFirst().holders())
                .extracting(holder -> holder.person().displayName())
                .containsExactly("乙员");
        assertThat(today.person().phone()).isEqualTo("138****1111");
        assertThat(today.person().email()).isEqualTo("j**@example.org");
        assertThat(today.person().username()).isNull();
        assertThat(city.posts.of("hotline", NOW).toString()).doesNotContain("wang");

        LocalDate border = LocalDate.of(2026, 12, 1);
        Posts.Standing after = city.posts.find("wang", border).orElseThrow();
        assertThat(after.posts()).extracting(held -> held.post().id()).containsExactly("head");
        assertThat(after.jurisdiction().codes()).containsExactly("3301");
        assertThat(after.line()).extracting(held -> held.post().id()).containsExactly("mayor");
        assertThat(city.posts.find("wang", border.minusDays(1)).orElseThrow().posts())
                .extracting(held -> held.post().id())
                .containsExactly("officer");
        assertThat(city.posts.find("nobody", NOW)).isEmpty();
        assertThat(city.posts.of("hotline", border))
                .flatExtracting(Posts.Held::holders)
                .extracting(holder -> holder.person().id())
                .containsExactly("p1");
    }

    @Test
    void peopleInPostsThatAreNotThereAndAccountsOfOthersAreRefusedAndNoContactIsShown() {
        departmentsAndPostsWithoutDivisions();
        city.accounts.ensure(new Account("wang", "王", Set.of(Role.OFFICER), null), "only for tests, by hand");
        city.bring(PEOPLE, "id,name,phone,account\np1,甲员,13800001111,wang\n");
        ImportPlan plan = plan(PEOPLE, """
                id,name,phone,account,post,valid_from,valid_to
                p1,甲员,13900002222,wang,head,2020-01-01,
                p1,甲员,13900002222,wang,head,2021-01-01,
                p2,乙员,,wang,,,
                p3,丙员,,nobody,none,,
                p4,丁员,,,,,
                p4,戊员,,,,,
                """);
        assertThat(faults(plan))
                .containsExactlyInAnyOrder(
                        "2 valid_from org.line_overlaps",
                        "3 valid_from org.line_overlaps",
                        "4 account org.line_taken",
                        "2 account org.line_taken",
                        "3 account org.line_taken",
                        "5 account org.line_no_such",
                        "5 post org.line_no_such",
                        "7 name org.line_differs");
        assertThat(plan.toString()).doesNotContain("13900002222").doesNotContain("13800001111");
    }

    private void departmentsAndPostsWithoutDivisions() {
        city.bring(DEPARTMENTS, "id,name,name_en\nhotline,热线中心,Hotline\n");
        city.bring(POSTS, "id,department,name\nhead,hotline,主任\n");
    }

    @Test
    void departmentsFromBeforeKeepTheirIdsAndOrder() {
        city.departments.ensure(
                List.of(new Department("police", "公安局", "Police"), new Department("health", "卫健委", "Health")));
        assertThat(city.departments.entries())
                .extracting(DepartmentEntry::ordinal, entry -> entry.validity().equals(Validity.ALWAYS))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1, true), org.assertj.core.groups.Tuple.tuple(2, true));
        city.bring(DEPARTMENTS, "id,name,name_en,parent\npolice,市公安局,Police,\nbranch,分局,Branch,police\n");
        assertThat(city.departments.list()).extracting(Department::name).containsExactly("市公安局", "卫健委", "分局");
    }

    @Test
    void divisionsThatLieInThemselvesAreRefusedWithTheWayAround() {
        city.bring(DIVISIONS, CITY);
        ImportPlan itself = plan(DIVISIONS, "code,name,parent\n330107,甲,330107\n");
        assertThat(faults(itself)).containsExactly("2 parent org.line_cycle");
        assertThat(itself.faults().getFirst().zh()).contains("330107 → 330107");

        // The other half of the circle is there already.
        ImportPlan edit = plan(DIVISIONS, "code,name,parent\n3301,杭州市,330106004\n");
        assertThat(faults(edit)).containsExactly("2 parent org.line_cycle");
        assertThat(edit.faults().getFirst().en()).contains("3301 → 330106004 → 330106 → 3301");

        // In a circle for some days only: 330107 lies in 330108 before 2020 and the other way around from 2010 on.
        String days = """
                code,name,parent,valid_from,valid_to
                330107,甲,330108,2000-01-01,2020-01-01
                330107,甲,3301,2020-01-01,
                330108,乙,3301,2000-01-01,2010-01-01
                330108,乙,330107,2010-01-01,
                """;
        assertThat(faults(plan(DIVISIONS, days))).containsExactly("2 parent org.line_cycle", "5 parent org.line_cycle");
        assertThatThrownBy(() -> city.bring(DIVISIONS, days))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(OrgProblem.IMPORT_HAS_FAULTS));
        assertThat(faults(plan(
                        DIVISIONS,
                        days.replace("330107,甲,330108,2000-01-01,2020-01-01", "330107,甲,330108,2000-01-01,2010-01-01")
                                .replace("330107,甲,3301,2020-01-01", "330107,甲,3301,2010-01-01"))))
                .isEmpty();
    }

    @Test
    void aColumnThatIsNotInTheSheetKeepsItsValuesAndAnEmptyCellClearsOne() {
        city.bring(DIVISIONS, CITY);
        departmentsAndPosts();
        city.bring(
                DEPARTMENTS, "id,name,name_en,uscc,valid_from\nhotline,热线中心,Hotline,91330106MA2CFRPT39,2019-01-01\n");
        city.bring(DEPARTMENTS, "id,name,name_en\nhotline,热线局,Hotline\n");
        DepartmentEntry hotline = city.departments.entries().stream()
                .filter(entry -> entry.department().id().equals("hotline"))
                .findFirst()
                .orElseThrow();
        assertThat(hotline.department().name()).isEqualTo("热线局");
        assertThat(hotline.uscc()).isEqualTo("91330106MA2CFRPT39");
        assertThat(hotline.division()).isEqualTo("3301");
        assertThat(hotline.parent()).isEqualTo("government");
        assertThat(hotline.validity().from()).isEqualTo(LocalDate.of(2019, 1, 1));
        city.bring(DEPARTMENTS, "id,name,name_en,uscc\nhotline,热线局,Hotline,\n");
        assertThat(city.departments.entries())
                .filteredOn(entry -> entry.department().id().equals("hotline"))
                .extracting(DepartmentEntry::uscc, DepartmentEntry::parent)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(null, "government"));

        city.bring(POSTS, "id,department,name\nofficer,hotline,受理专员\n");
        assertThat(city.posts.list())
                .filteredOn(post -> post.id().equals("officer"))
                .extracting(Post::reportsTo, post -> String.join(" ", post.divisions()))
                .containsExactly(org.assertj.core.groups.Tuple.tuple("head", "330103 330106"));

        city.accounts.ensure(new Account("wang", "王", Set.of(Role.OFFICER), null), "only for tests, by hand");
        city.bring(PEOPLE, """
                id,name,phone,email,account,post,valid_from,valid_to
                p1,甲员,13800001111,jia@example.org,wang,officer,2020-01-01,2030-01-01
                """);
        city.bring(PEOPLE, "id,name,email\np1,甲一员,\n");
        assertThat(city.posts.people()).containsExactly(new Person("p1", "甲一员", "13800001111", null, "wang"));
        ImportPlan same = plan(PEOPLE, "id,name,post\np1,甲一员,officer\n");
        assertThat(same.lines()).extracting(ImportPlan.Line::outcome).containsExactly(Outcome.SAME);
        city.bring(PEOPLE, "id,name,post,valid_from,valid_to\np1,甲一员,officer,2020-01-01,\n");
        assertThat(city.posts.appointments())
                .containsExactly(new Appointment("p1", "officer", new Validity(LocalDate.of(2020, 1, 1), null)));

        city.bring(DIVISIONS, "code,name\n330103,下城\n");
        assertThat(city.divisions.tree().periods("330103")).singleElement().satisfies(each -> {
            assertThat(each.name()).isEqualTo("下城");
            assertThat(each.successors()).containsExactly("330105");
            assertThat(each.validity().to()).isEqualTo(LocalDate.of(2021, 4, 9));
        });
    }
}
