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
