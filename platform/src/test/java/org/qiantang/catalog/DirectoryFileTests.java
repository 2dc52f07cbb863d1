package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.catalog.TestDirectory.HEALTH;
import static org.qiantang.catalog.TestDirectory.OFFICER;
import static org.qiantang.catalog.TestDirectory.OTHER_OFFICER;
import static org.qiantang.catalog.TestDirectory.POLICE;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.catalog.DirectoryFile.FormOutcome;
import org.qiantang.catalog.DirectoryFile.FormReport;
import org.qiantang.core.Problem;

/** The directory as a spreadsheet that departments fill in. */
class DirectoryFileTests {
    private TestDirectory directory;
    private DirectoryFile file;
    private Entry vehicles;

    @BeforeEach
    void open() throws Exception {
        directory = new TestDirectory();
        file = directory.file();
        EntryRulesTest.Draft draft = new EntryRulesTest.Draft();
        draft.summary = "=SUM(A1) 开头、\"引号\"、,逗号\n和换行";
        vehicles = directory.publish(
                directory.collect(POLICE, "vehicle", "车", "plate:string:号牌号码"), draft.statement(), OFFICER);
        directory.collect(POLICE, "fine", "罚款决定", "amount:decimal(10,2):罚款金额");
    }

    private byte[] exported(DirectoryForm form, Entries.Wanted wanted) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        file.write(form, wanted, out);
        return out.toByteArray();
    }

    private static byte[] form(String... lines) {
        return ("信息资源名称,信息资源代码,信息资源提供方,信息项名称,数据类型,共享类型,更新周期\n" + String.join("\n", lines))
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void whatIsTakenOutAndBroughtBackChangesNothing() throws Exception {
        for (DirectoryForm form : DirectoryForm.values()) {
            byte[] out = exported(form, Entries.Wanted.EVERYTHING);

            FormReport report = file.tryOut(out, OFFICER);

            assertThat(report.rows())
                    .as(form + ": " + report.rows())
                    .hasSize(2)
                    .allMatch(row -> row.outcome() == FormOutcome.SAME);
        }
    }

    @Test
    void onlyWhatIsAskedForIsTakenOut() throws Exception {
        directory.collect(HEALTH, "bed", "床位", "a:int:甲");

        String csv = new String(
                exported(DirectoryForm.CSV, new Entries.Wanted("", null, "health", null, null)),
                StandardCharsets.UTF_8);

        assertThat(csv).startsWith("\uFEFF信息资源分类,").contains("床位").doesNotContain("机动车");
        assertThat(new String(exported(DirectoryForm.CSV, Entries.Wanted.EVERYTHING), StandardCharsets.UTF_8))
                .contains("'=SUM");
    }

    @Test
    void aFilledFormIsTriedOutLineByLineBeforeItIsTaken() {
        byte[] filled = form(
                "违法行为编码,,公安局,编码,字符型,无条件共享,每年",
                ",,,名称,C,,",
                "机动车登记,306001/1,公安局,号牌号码,字符型,有条件共享,每日",
                "",
                "写错的,,公安局,甲,文字,也许共享,每日",
                "别人的,,卫生健康委,甲,字符型,无条件共享,每日",
                "没有的,306001/99,公安局,甲,字符型,无条件共享,每日");

        FormReport tried = file.tryOut(filled, OFFICER);

        assertThat(tried.rows())
                .extracting(row -> row.line() + " " + row.outcome())
                .containsExactly("2 NEW", "4 CHANGED", "6 WRONG", "7 WRONG", "8 WRONG");
        assertThat(tried.rows().get(2).faults())
                .extracting(fault -> fault.code() + " " + fault.line() + " " + fault.column())
                .containsExactlyInAnyOrder("directory.form_word_unknown 6 数据类型", "directory.form_word_unknown 6 共享类型");
        assertThat(tried.rows().get(3).faults())
                .extracting(DirectoryFile.FormFault::code)
                .containsExactly("directory.form_not_yours");
        assertThat(tried.rows().get(4).faults())
                .extracting(DirectoryFile.FormFault::code)
                .containsExactly("directory.form_no_such_code");
        assertThat(directory.entries.get(vehicles.id())).isEqualTo(vehicles);
        assertThat(count()).isEqualTo(2);

        FormReport taken = file.take(filled, OFFICER);

        assertThat(List.of(taken.added(), taken.changed(), taken.same(), taken.wrong()))
                .containsExactly(1, 1, 0, 3);
        assertThat(count()).isEqualTo(3);
        Entry added = directory.entries.get(taken.rows().getFirst().entry());
        assertThat(added.statement().items())
                .extracting(item -> item.name() + item.type())
                .containsExactly("编码C", "名称C");
        assertThat(added.resource()).isNull();
        assertThat(directory.entries.get(vehicles.id()).state()).isEqualTo(Entry.State.CHANGED);
        assertThat(directory.entries.listVersions(vehicles.id())).hasSize(1);
        assertThat(file.take(filled, OFFICER).same()).isEqualTo(2);
    }

    @Test
    void whatTheBureauIsReviewingWaits() {
        UUID id = directory.collect(POLICE, "plate", "号牌", "a:string:甲");
        EntryRulesTest.Draft draft = new EntryRulesTest.Draft();
        draft.title = "号牌";
        Entry saved = directory.entries.save(id, 0, draft.statement(), OFFICER);
        directory.entries.submit(id, saved.revision(), OFFICER);

        FormReport report = file.take(form("号牌,,公安局,甲,字符型,无条件共享,每日"), OFFICER);

        assertThat(report.rows().getFirst().faults())
                .extracting(DirectoryFile.FormFault::code)
                .containsExactly("directory.form_not_now");
        assertThat(file.tryOut(form("机动车登记,306001/1,,甲,字符型,,"), OTHER_OFFICER).wrong())
                .isEqualTo(1);
    }

    @Test
    void aFormSavedByAChineseSpreadsheetProgramIsRead() {
        byte[] filled =
                "机构填表\n信息资源名称,信息项名称,数据类型\r\n罚款决定,罚款金额,货币型\r\n罚款决定,决定日期,D\r\n".getBytes(Charset.forName("GB18030"));

        FormReport report = file.take(filled, OFFICER);

        assertThat(report.changed()).isEqualTo(1);
        Entry entry = directory.entries.get(report.rows().getFirst().entry());
        assertThat(entry.resource()).isNotNull();
        assertThat(entry.statement().items())
                .extracting(item -> item.name() + item.type())
                .containsExactly("罚款金额Y", "决定日期D");
    }

    private String line(UUID id) throws IOException {
        return new String(exported(DirectoryForm.CSV, Entries.Wanted.EVERYTHING), StandardCharsets.UTF_8)
                .lines()
                .filter(each -> each.contains(id.toString()))
                .findFirst()
                .orElseThrow();
    }

    private static byte[] keyed(String... lines) {
        return ("目录项标识,修订号,信息资源名称,信息资源摘要\n" + String.join("\n", lines)).getBytes(StandardCharsets.UTF_8);
    }

    private Entry draft(String title) {
        EntryRulesTest.Draft draft = new EntryRulesTest.Draft();
        draft.title = title;
        return directory.entries.create(POLICE, null, draft.statement(), OFFICER);
    }

    private static List<String> faults(FormReport report) {
        return report.rows().stream()
                .flatMap(row -> row.faults().stream())
                .map(DirectoryFile.FormFault::code)
                .toList();
    }

    @Test
    void anEntryStaysItselfWhenTheFormRenamesIt() throws Exception {
        Entry entry = draft("旧名");
        assertThat(line(entry.id())).endsWith(entry.id() + "," + entry.revision());
        byte[] renamed = keyed(entry.id() + "," + entry.revision() + ",新名,说明");
        long before = count();

        FormReport report = file.take(renamed, OFFICER);

        assertThat(report.rows()).singleElement().satisfies(row -> {
            assertThat(row.outcome()).isEqualTo(FormOutcome.CHANGED);
            assertThat(row.entry()).isEqualTo(entry.id());
            assertThat(row.changes()).containsExactly("信息资源名称", "信息资源摘要");
        });
        assertThat(count()).isEqualTo(before);
        assertThat(directory.entries.get(entry.id()).statement().title()).isEqualTo("新名");
        assertThat(file.take(renamed, OFFICER).same()).isEqualTo(1);
    }

    @Test
    void twoDraftsOfOneNameStayTwo() throws Exception {
        Entry one = draft("重名");
        Entry other = draft("重名");

        FormReport report = file.take(
                keyed(one.id() + "," + one.revision() + ",重名,甲", other.id() + "," + other.revision() + ",重名,乙"),
                OFFICER);

        assertThat(report.changed()).isEqualTo(2);
        assertThat(directory.entries.get(one.id()).statement().summary()).isEqualTo("甲");
        assertThat(directory.entries.get(other.id()).statement().summary()).isEqualTo("乙");
        assertThat(faults(file.tryOut(form("重名,,公安局,甲,字符型,无条件共享,每日"), OFFICER)))
                .containsExactly("directory.form_title_of_several");
    }

    @Test
    void anOldFormDoesNotUndoWhatWasWrittenSince() throws Exception {
        Entry monday = draft("周一");
        EntryRulesTest.Draft tuesday = new EntryRulesTest.Draft();
        tuesday.title = "周一";
        tuesday.summary = "周二写的";
        directory.entries.save(monday.id(), monday.revision(), tuesday.statement(), OFFICER);

        FormReport report = file.take(keyed(monday.id() + "," + monday.revision() + ",周一,周一写的"), OFFICER);

        assertThat(faults(report)).containsExactly("directory.form_revision_old");
        assertThat(report.rows().getFirst().faults().getFirst().zh())
                .contains("shen")
                .contains("重新导出");
        assertThat(faults(file.tryOut(keyed(monday.id() + ",,周一,没有修订号"), OFFICER)))
                .containsExactly("directory.form_revision_old");
        assertThat(faults(file.tryOut(keyed(UUID.randomUUID() + ",1,周一,x"), OFFICER)))
                .containsExactly("directory.form_no_such_entry");
        assertThat(directory.entries.get(monday.id()).statement()).isEqualTo(tuesday.statement());
    }

    @Test
    void aColumnThatTheFormDoesNotHaveKeepsWhatIsStatedAndAnEmptyCellClearsIt() {
        Entry entry = draft("少列");
        byte[] narrow = ("信息资源名称,信息资源摘要,共享条件\n少列,换了摘要,\n").getBytes(StandardCharsets.UTF_8);

        FormReport tried = file.tryOut(narrow, OFFICER);
        file.take(narrow, OFFICER);

        assertThat(tried.rows().getFirst().changes()).containsExactly("信息资源摘要", "共享条件");
        EntryRulesTest.Draft expected = new EntryRulesTest.Draft();
        expected.title = "少列";
        expected.summary = "换了摘要";
        expected.shareCondition = null;
        assertThat(directory.entries.get(entry.id()).statement()).isEqualTo(expected.statement());
    }

    @Test
    void anItemKeepsItsColumnAndTypeWhereTheFormNamesItOnly() {
        Entry entry = draft("只列名称");

        file.take("信息资源名称,信息项名称\n只列名称,登记日期\n".getBytes(StandardCharsets.UTF_8), OFFICER);

        assertThat(directory.entries.get(entry.id()).statement().items())
                .containsExactly(new Entry.Statement.Item("登记日期", "registered_on", Guide.DataTypeCode.D));
    }

    @Test
    void aFileThatWouldFillTheMemoryIsRefusedWhileItIsRead() throws Exception {
        byte[] newlines = new byte[20_000_000];
        java.util.Arrays.fill(newlines, (byte) '\n');
        byte[] commas = new byte[20_000_000];
        java.util.Arrays.fill(commas, (byte) ',');
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bomb)) {
            zip.putNextEntry(new ZipEntry("xl/worksheets/sheet1.xml"));
            byte[] zeros = new byte[1 << 20];
            for (int megabytes = 0; megabytes < 210; megabytes++) {
                zip.write(zeros);
            }
        }
        assertThat(bomb.size()).isLessThan(1_000_000);

        refused(DirectoryProblem.FORM_TOO_LONG, newlines);
        refused(DirectoryProblem.NO_FORM, commas);
        refused(DirectoryProblem.FORM_TOO_LONG, bomb.toByteArray());
    }

    private void refused(DirectoryProblem why, byte[] filled) {
        assertThatThrownBy(() -> file.tryOut(filled, OFFICER))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(why));
    }

    @Test
    void whatIsNoFormIsRefusedInWordsThatHelp() {
        for (byte[] wrong : List.of(
                "{}".getBytes(StandardCharsets.UTF_8),
                new byte[0],
                "PK\u0003\u0004 not a workbook".getBytes(StandardCharsets.UTF_8))) {
            assertThatThrownBy(() -> file.tryOut(wrong, OFFICER))
                    .isInstanceOfSatisfying(
                            Problem.class, problem -> assertThat(problem.code()).isEqualTo(DirectoryProblem.NO_FORM));
        }
    }

    private long count() {
        return directory
                .entries
                .search(Entries.Wanted.EVERYTHING, new Resources.Range(0, 1))
                .total();
    }
}
