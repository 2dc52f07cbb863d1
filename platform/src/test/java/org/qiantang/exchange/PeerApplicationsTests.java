package org.qiantang.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.exchange.TestExchange.NURSE;
import static org.qiantang.exchange.TestExchange.POLICEMAN;
import static org.qiantang.exchange.TestExchange.SHEN;
import static org.qiantang.exchange.TestExchange.TABLE;
import static org.qiantang.exchange.TestExchange.ZHOU;

import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.core.Problem;
import org.qiantang.exchange.PeerApplication.State;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.qiantang.share.AnswerDays;
import org.qiantang.share.Application;
import org.qiantang.share.Applications;
import org.qiantang.share.Asked;
import org.qiantang.share.Offered;
import org.qiantang.share.Part;
import org.qiantang.share.TestShare;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a city asks of a province over a line that loses questions and answers: each arrives once, and both sides say the same. */
class PeerApplicationsTests {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Account ENGINEER = new Account("he", "何", Set.of(Role.ENGINEER), null);
    private static final Department CITY = new Department("peer_city", "市平台", "City");

    /** As the province's door names the city. */
    private static final Account PEER = new Account("peer:city", "市平台", Set.of(), CITY);

    @TempDir
    Path folder;

    private TestExchange province;
    private TestShare city;
    private Line line;
    private UUID entry;

    @BeforeEach
    void open() {
        province = new TestExchange(folder.resolve("province"));
        province.hold("1/330101", "2/330102", "3/440101");
        city = new TestShare(folder.resolve("city"), AnswerDays.Silence.ESCALATE, "exchange");
        province.share.bean(org.qiantang.org.Departments.class).ensure(List.of(CITY));
        city.bean(org.qiantang.org.Departments.class)
                .ensure(List.of(new Department("peer_province", "省平台", "Province")));
        city.jdbc.sql("""
                        insert into exchange_peers (name, department_id, title, address, evidence_key, state, proposed_by, proposed_at)
                        values ('province', 'peer_province', '省平台', 'https://p.example.gov.cn', '', 'CONFIRMED', 'wu', now())""").update();
        line = new Line();
        List<Offered> offers = desk().catalogue(null).offers();
        entry = offers.getFirst().entry();
        city.bean(PeerOffers.class).replace("province", null, null, offers);
    }

    @AfterEach
    void close() {
        city.close();
        province.close();
    }

    private PeerDesk desk() {
        return province.share.bean(PeerDesk.class);
    }

    private PeerApplications applications() {
        return new PeerApplications(
                city.jdbc,
                city.bean(org.springframework.transaction.support.TransactionTemplate.class),
                city.bean(PeerOffers.class),
                city.bean(PeerGrants.class),
                city.bean(org.qiantang.org.Enclosures.class),
                city.bean(Peers.class),
                line,
                city.bean(org.qiantang.org.AuditTrail.class),
                city.bean(org.qiantang.core.CityCalendar.class),
                city.clock);
    }

    /** Loses the question, or the answer to what was done. */
    private class Line implements PeerLine {
        private @Nullable Random losses;
        private boolean away;

        @Override
        public byte[] ask(String peer, String method, String path, byte @Nullable [] body) {
            if (away || losses != null && losses.nextInt(3) == 0) {
                throw new Away("lost");
            }
            byte[] answer;
            try {
                answer = JSON.writeValueAsBytes(answered(path.split("/"), body));
            } catch (Problem refused) {
                throw new Refused(refused.code().id(), refused.zh(), refused.en());
            }
            if (losses != null && losses.nextInt(3) == 0) {
                throw new Away("the answer is lost");
            }
            return answer;
        }

        private Object answered(String[] parts, byte @Nullable [] body) {
            if (parts[2].equals("standing")) {
                return desk().standing(PEER);
            }
            UUID id = UUID.fromString(parts[3]);
            JsonNode said = JSON.readTree(body == null ? new byte[] {'{', '}'} : body);
            if (parts.length == 4) {
                return desk().receive(PEER, id, JSON.treeToValue(said, PeerDesk.Handed.class));
            }
            return switch (parts[parts.length - 1]) {
                case "withdraw" -> desk().withdraw(PEER, id);
                case "negotiate" ->
                    desk().negotiate(
                                    PEER,
                                    id,
                                    UUID.fromString(parts[5]),
                                    said.path("words").asString());
                case "statements" ->
                    desk().say(
                                    PEER,
                                    id,
                                    UUID.fromString(parts[5]),
                                    said.path("words").asString());
                default -> throw new AssertionError(parts[parts.length - 1]);
            };
        }
    }

    private static Asked asked(UUID entry, String scenario) {
        return new Asked(
                scenario,
                "社会救助暂行办法第十七条",
                "核对低保申请家庭的户籍",
                LocalDate.of(2026, 11, 23),
                LocalDate.of(2027, 11, 22),
                1_000,
                10_000,
                "社会救助信息系统",
                3,
                "0571-85000000",
                true,
                List.of(new Asked.Table(
                        entry,
                        List.of(
                                new Asked.Field("id_number", "keep(1,2)", "核对申请人身份"),
                                new Asked.Field("area", "clear", null)),
                        List.of(),
                        null)));
    }

    private UUID written() {
        UUID id = applications().begin(SHEN, "province", List.of(entry)).id();
        applications().save(SHEN, id, 0, asked(entry, "低保资格核对"));
        return id;
    }

    private UUID released() {
        UUID id = written();
        applications().submit(SHEN, id);
        applications().release(ENGINEER, "10.0.0.1", id);
        return id;
    }

    /** What the loop does at a visit. */
    private void visit() {
        try {
            for (UUID id : applications().due("province")) {
                applications().send(id);
            }
            java.time.Instant asked = city.clock.instant();
            PeerDesk.Standing standing =
                    JSON.readValue(line.ask("province", "GET", "/peer/standing", null), PeerDesk.Standing.class);
            applications().hear("province", standing, asked);
            for (UUID id : applications().takenBack("province")) {
                applications().takeBack("province", id);
            }
        } catch (PeerLine.Away away) {
            city.jdbc
                    .sql("update exchange_applications set next_at = ? where next_at is not null")
                    .param(Timestamp.from(city.clock.now))
                    .update();
        }
    }

    private State state(UUID id) {
        return applications().get(SHEN, id).state();
    }

    private UUID part(UUID id) {
        return desk().standing(PEER).applications().stream()
                .filter(each -> each.application().id().equals(id))
                .findFirst()
                .orElseThrow()
                .parts()
                .getFirst()
                .part()
                .id();
    }

    @Test
    void isReleasedByAnotherThanWhoWroteItAndGoesOnce() {
        UUID id = written();
        assertThat(applications().get(SHEN, id).violations()).isEmpty();
        assertCode("core.not_found", () -> applications().get(NURSE, id));
        assertCode("core.not_found", () -> applications().get(ENGINEER, id));
        assertCode("exchange.application_changed", () -> applications().save(SHEN, id, 0, asked(entry, "别的")));
        applications().submit(SHEN, id);
        Account both = new Account("shen", "shen", Set.of(Role.ENGINEER, Role.OFFICER), SHEN.department());
        assertCode("exchange.own_application", () -> applications().release(both, "10.0.0.1", id));
        assertCode("exchange.application_not_yours", () -> applications().release(ZHOU, "10.0.0.1", id));
        assertCode("exchange.application_state", () -> applications().save(SHEN, id, 1, asked(entry, "别的")));

        applications().giveBack(ENGINEER, id, "请写明接收系统");
        assertThat(applications().get(SHEN, id).words()).isEqualTo("请写明接收系统");
        assertCode("exchange.words_missing", () -> {
            applications().submit(SHEN, id);
            applications().giveBack(ENGINEER, id, " ");
        });
        applications().release(ENGINEER, "10.0.0.1", id);
        assertThat(state(id)).isEqualTo(State.RELEASED);
        line.away = true;
        visit();
        assertThat(state(id)).isEqualTo(State.RELEASED);
        line.away = false;
        visit();
        visit();

        assertThat(state(id)).isEqualTo(State.SENT);
        List<Applications.ApplicationBrief> there =
                province.share.applications().list(TestShare.ENGINEER, Applications.Wanted.WAITING);
        assertThat(there).singleElement().satisfies(brief -> {
            assertThat(brief.id()).isEqualTo(id);
            assertThat(brief.department()).isEqualTo(CITY);
            assertThat(brief.applicantName()).isEqualTo("shen（民政局）");
        });
        assertThat(city.jdbc
                        .sql("select count(*) from org_audit where act = 'PEER_APPLICATION_RELEASED' and subject = ?")
                        .param(id.toString())
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
    }

    @Test
    void whatTheProvinceSaysIsHeard() {
        UUID id = released();
        visit();
        province.share.applications().giveBack(TestShare.ENGINEER, id, "请缩短期限");
        visit();
        assertThat(state(id)).isEqualTo(State.DRAFT);
        assertThat(applications().get(SHEN, id).words()).isEqualTo("请缩短期限");
        applications().save(SHEN, id, applications().get(SHEN, id).revision(), asked(entry, "低保资格年度核对"));
        applications().submit(SHEN, id);
        applications().release(ENGINEER, "10.0.0.1", id);
        visit();
        assertThat(state(id)).isEqualTo(State.SENT);
        assertThat(province.share
                        .applications()
                        .get(TestShare.ENGINEER, id)
                        .application()
                        .asked()
                        .scenario())
                .isEqualTo("低保资格年度核对");

        province.share.applications().pass(TestShare.ENGINEER, id, null);
        province.share.applications().reject(POLICEMAN, part(id), "范围过大", "《数据安全法》第三十八条");
        visit();
        Applications.PartWhole part =
                applications().get(SHEN, id).remote().parts().getFirst();
        assertThat(part.part().state()).isEqualTo(Part.State.REJECTED);
        line.away = true;
        assertCode("exchange.peer_away", () -> applications().negotiate(SHEN, id, part(id), "只核对本市户籍"));
        line.away = false;
        assertCode("exchange.application_not_yours", () -> applications().say(ENGINEER, id, part(id), "代说"));
        applications().negotiate(SHEN, id, part(id), "只核对本市户籍");
        applications().say(SHEN, id, part(id), "已补充说明");
        assertThat(province.share.applications().get(TestShare.ENGINEER, id).steps())
                .anyMatch(step -> "已补充说明".equals(step.words()));
        province.share.applications().grantPart(POLICEMAN, part(id), null, null);
        visit();

        PeerGrant grant = city.bean(PeerGrants.class).list(SHEN).getFirst();
        assertThat(grant.inForce()).isTrue();
        assertThat(grant.application()).isEqualTo(id);
        assertThat(grant.granted().grant().tables().getFirst().table()).isEqualTo(TABLE);
        assertThat(grant.granted().steps()).allMatch(step -> step.who().isEmpty());
        assertThat(applications().get(SHEN, id).remote().steps())
                .allMatch(step -> step.who().isEmpty());

        // What a department was granted is that department's.
        PeerGrants grants = city.bean(PeerGrants.class);
        assertThat(grants.list(NURSE)).isEmpty();
        assertThat(grants.require(ZHOU, "province", null)).isEqualTo(grant.id());
        assertThat(grants.require(ZHOU, "province", grant.number())).isEqualTo(grant.id());
        assertCode("exchange.no_peer_grant", () -> grants.require(NURSE, "province", null));
        assertCode(
                "exchange.no_peer_grant",
                () -> grants.require(NURSE, "province", grant.id().toString()));
        assertCode("exchange.no_peer_grant", () -> grants.require(SHEN, "another", null));
        province.share.grants().suspend(POLICEMAN, grant.id(), "核查");
        visit();
        assertCode("exchange.no_peer_grant", () -> grants.require(SHEN, "province", null));
    }

    @Test
    void whatTheProvinceRefusesComesBackWithItsWords() {
        UUID id = released();
        // The province took the resource out of its directory, and the city has not heard of it.
        province.share
                .jdbc
                .sql("update catalog_entries set state = 'RETIRED' where id = ?")
                .param(entry)
                .update();
        visit();

        assertThat(state(id)).isEqualTo(State.DRAFT);
        assertThat(applications().get(SHEN, id).refused().code()).isEqualTo("share.incomplete");
        assertThat(province.share.applications().list(TestShare.ENGINEER, Applications.Wanted.ALL))
                .isEmpty();
    }

    @Test
    void whatIsTakenBackOnItsWayIsTakenBackThereToo() {
        UUID id = released();
        // It comes there, and the answer is lost.
        Line good = line;
        line = new Line() {
            @Override
            public byte[] ask(String peer, String method, String path, byte @Nullable [] body) {
                good.ask(peer, method, path, body);
                throw new Away("the answer is lost");
            }
        };
        assertThatThrownBy(() -> applications().send(id)).isInstanceOf(PeerLine.Away.class);
        line = good;
        applications().withdraw(SHEN, id);
        assertThat(state(id)).isEqualTo(State.WITHDRAWN);
        visit();

        assertThat(province.share
                        .applications()
                        .get(TestShare.ENGINEER, id)
                        .application()
                        .state())
                .isEqualTo(Application.State.WITHDRAWN);
        assertThat(applications().takenBack("province")).isEmpty();
    }

    /** Withdrawn over there is withdrawn, wherever it stood here; what was heard of late changes nothing. */
    @Test
    void whatIsTakenBackStaysTakenBack() {
        UUID id = released();
        visit();
        java.time.Instant asked = city.clock.instant();
        PeerDesk.Standing late = desk().standing(PEER);
        province.share.applications().giveBack(TestShare.ENGINEER, id, "请补正");
        visit();
        applications().submit(SHEN, id);
        city.clock.now = city.clock.now.plus(Duration.ofSeconds(5));
        applications().withdraw(SHEN, id);
        assertThat(state(id)).isEqualTo(State.WITHDRAWN);

        applications().hear("province", late, asked);
        visit();
        assertThat(state(id)).isEqualTo(State.WITHDRAWN);
        assertThat(applications().takenBack("province")).isEmpty();
        assertCode("exchange.application_state", () -> applications().submit(SHEN, id));
    }

    /** Who works inside a zone uses nothing from elsewhere by an ordinary door, and asks for nothing. */
    @Test
    void enclosedDepartmentUsesNothingOfAPeer() {
        UUID id = released();
        visit();
        province.share.applications().pass(TestShare.ENGINEER, id, null);
        province.share.applications().grantPart(POLICEMAN, part(id), null, null);
        visit();
        assertThat(city.bean(PeerGrants.class).require(SHEN, "province", null)).isNotNull();
        UUID next = written();
        applications().submit(SHEN, next);
        city.bean(org.qiantang.org.Enclosures.class).enclose(TestShare.CIVIL);

        assertCode("org.inside_zone", () -> city.bean(PeerGrants.class).require(SHEN, "province", null));
        assertCode("org.inside_zone", () -> applications().release(ENGINEER, "10.0.0.1", next));
    }

    /** Another installation's number does not become this one's: what is somebody else's is not there. */
    @Test
    void nobodyTakesHoldOfAnothersApplication() {
        UUID grant = province.grant("低保资格核对", "clear", 100, 100);
        UUID own = province.share.grants().get(SHEN, grant).application();

        assertCode(
                "core.not_found",
                () -> desk().receive(PEER, own, new PeerDesk.Handed(9, "沈", "民政局", asked(entry, "别人的"))));
        assertCode("core.not_found", () -> desk().withdraw(PEER, own));
        assertThat(desk().standing(PEER).applications()).isEmpty();
        assertThat(desk().standing(PEER).grants()).isEmpty();
    }

    /** Whatever the line loses: in the end both sides have each application once, in the same round, and say the same of it. */
    @Test
    void linesThatLoseCostNothingButTime() {
        long seed = Long.getLong("qiantang.test.seed", System.nanoTime());
        Random random = new Random(seed);
        line.losses = random;
        List<UUID> all = new java.util.ArrayList<>();
        for (int step = 0; step < 120; step++) {
            city.clock.now = city.clock.now.plus(Duration.ofSeconds(1));
            UUID one = all.isEmpty() ? null : all.get(random.nextInt(all.size()));
            try {
                switch (random.nextInt(7)) {
                    case 0 -> {
                        if (all.size() < 8) {
                            all.add(released());
                        }
                    }
                    case 1 -> {
                        if (one != null && random.nextInt(3) == 0) {
                            applications().withdraw(SHEN, one);
                        }
                    }
                    case 2 -> {
                        if (one != null) {
                            province.share.applications().giveBack(TestShare.ENGINEER, one, "补正 " + step);
                        }
                    }
                    case 3 -> {
                        if (one != null) {
                            applications().submit(SHEN, one);
                            applications().release(ENGINEER, "10.0.0.1", one);
                        }
                    }
                    case 4 -> {
                        if (one != null) {
                            province.share.applications().pass(TestShare.ENGINEER, one, null);
                        }
                    }
                    default -> visit();
                }
            } catch (Problem notNow) {
                assertThat(notNow.code().id()).as("seed " + seed).doesNotStartWith("core.internal");
            }
        }
        line.losses = null;
        for (int i = 0; i < 3; i++) {
            city.clock.now = city.clock.now.plus(Duration.ofMinutes(10));
            visit();
        }

        Map<UUID, Applications.ApplicationWhole> there = desk().standing(PEER).applications().stream()
                .collect(java.util.stream.Collectors.toMap(
                        each -> each.application().id(), each -> each));
        for (UUID id : all) {
            PeerApplication here = applications().get(SHEN, id);
            Applications.ApplicationWhole whole = there.get(id);
            switch (here.state()) {
                case WAITING, RELEASED -> throw new AssertionError("seed " + seed + ": " + here);
                case WITHDRAWN ->
                    assertThat(whole == null || whole.application().state() == Application.State.WITHDRAWN)
                            .as("seed " + seed)
                            .isTrue();
                case DRAFT ->
                    assertThat(whole.application().state()).as("seed " + seed).isEqualTo(Application.State.DRAFT);
                case SENT -> {
                    assertThat(whole.application().state())
                            .as("seed " + seed)
                            .isIn(Application.State.SUBMITTED, Application.State.REVIEWED);
                    assertThat(whole.application().revision()).isEqualTo(here.round());
                    assertThat(here.remote().application().state())
                            .isEqualTo(whole.application().state());
                }
            }
        }
        assertThat(all).containsAll(there.keySet());
    }

    private static void assertCode(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code().id()).isEqualTo(code));
    }
}
