package org.qiantang.exchange;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.LakeReader;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.share.AnswerDays;
import org.qiantang.share.Asked;
import org.qiantang.share.Grants;
import org.qiantang.share.TestShare;

/** A table of the police that the civil affairs bureau was granted, and subscriptions to it. */
final class TestExchange implements AutoCloseable {
    static final Account SHEN = TestShare.officer("shen", TestShare.CIVIL);
    static final Account ZHOU = TestShare.officer("zhou", TestShare.CIVIL);
    static final Account POLICEMAN = TestShare.officer("lin", TestShare.POLICE);
    static final Account NURSE = TestShare.officer("qiu", TestShare.HEALTH);
    static final TableName TABLE = new TableName("raw_police", "resident");

    final TestShare share;
    private final UUID residents;

    TestExchange(Path folder) {
        share = new TestShare(folder, AnswerDays.Silence.ESCALATE, "exchange");
        residents =
                share.publish(TestShare.POLICE, "resident", Guide.ShareClass.CONDITIONAL, Guide.OpenClass.FORBIDDEN);
    }

    /** Each row is {@code id_number/area}. */
    void hold(String... rows) {
        share.fill(
                TABLE,
                List.of(rows).stream()
                        .map(row -> "('" + row.replace("/", "', '") + "')")
                        .collect(Collectors.joining(", ", "SELECT * FROM (VALUES ", ") AS r(id_number, area)")));
    }

    /** The area in clear, the number as it is shown, of the areas that begin with 3301. */
    UUID grant(String scenario, String showing, int calls, int rows) {
        share.carts().add(SHEN, residents);
        UUID id = share.applications().begin(SHEN).application().id();
        Asked.Table table = new Asked.Table(
                residents,
                List.of(new Asked.Field("id_number", showing, "核对申请人身份"), new Asked.Field("area", "clear", null)),
                List.of(new Asked.Rows("area", Asked.Rows.Kind.STARTS_WITH, List.of("3301"))),
                null);
        share.applications()
                .save(
                        SHEN,
                        id,
                        0,
                        new Asked(
                                scenario,
                                "社会救助暂行办法第十七条",
                                "核对低保申请家庭的户籍",
                                LocalDate.of(2026, 11, 23),
                                LocalDate.of(2027, 11, 22),
                                calls,
                                rows,
                                "社会救助信息系统",
                                3,
                                "0571-85000000",
                                true,
                                List.of(table)));
        share.applications().submit(SHEN, id);
        share.applications().pass(TestShare.ENGINEER, id, null);
        UUID part = share.applications().get(SHEN, id).parts().getFirst().part().id();
        share.applications().grantPart(POLICEMAN, part, null, null);
        return share.grants().list(SHEN, Grants.Of.RECEIVED).getFirst().id();
    }

    Subscriptions subscriptions() {
        return share.bean(Subscriptions.class);
    }

    Subscriptions.NewSubscription subscribe(UUID grant, Delivery delivery, @Nullable String url, String from) {
        return subscriptions().create(SHEN, new Subscriptions.Wanted(grant, TABLE, "户籍变更", delivery, url, from));
    }

    /** What the grant shows of the table now, as a copy has it. */
    List<String> seen(UUID grant) {
        return share
                .reader()
                .ask(SHEN, new LakeReader.Asked(null, "SELECT id_number, area FROM " + TABLE, null, grant, null), 1_000)
                .rows()
                .stream()
                .map(row -> String.join("/", row.stream().map(String::valueOf).toList()))
                .sorted()
                .toList();
    }

    /** A receiver's copy of the table; an event that it has already does nothing. */
    static final class Copy {
        private final List<String> rows = new ArrayList<>();
        private final List<String> ids = new ArrayList<>();

        void apply(ChangeEvent event) {
            if (ids.contains(event.id())) {
                return;
            }
            ids.add(event.id());
            String row = event.data().values().stream().map(String::valueOf).collect(Collectors.joining("/"));
            switch (event.type().substring(ChangeEvent.TYPE.length())) {
                case "reset" -> rows.clear();
                case "insert" -> rows.add(row);
                case "delete" -> {
                    if (!rows.remove(row)) {
                        throw new AssertionError(row + " is not there");
                    }
                }
                default -> throw new AssertionError(event.type());
            }
        }

        List<String> sorted() {
            return rows.stream().sorted().toList();
        }

        List<String> ids() {
            return ids;
        }
    }

    @Override
    public void close() {
        share.close();
    }
}
