package org.qiantang.share;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.Level;
import org.qiantang.catalog.Violation;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.AnswersOwed;
import org.qiantang.org.Department;
import org.qiantang.org.DepartmentEntry;
import org.qiantang.org.Departments;
import org.qiantang.org.Jurisdiction;
import org.qiantang.org.Posts;
import org.qiantang.quality.Ticket;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The applications of departments to read what others hold, from the cart to the grant, with their clocks. */
@Service
public final class Applications implements AnswersOwed {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<List<Part.Table>> TABLES = new TypeReference<>() {};
    private static final int MOST_SHOWN = 500;

    private static final String APPLICATION = """
            select a.*, d.name d_name, d.name_en d_name_en from share_applications a join org_departments d on d.id = a.department_id
            """;
    private static final String PART = """
            select p.*, d.name d_name, d.name_en d_name_en from share_parts p join org_departments d on d.id = p.department_id
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Carts carts;
    private final Grants grants;
    private final Steps steps;
    private final Departments departments;
    private final Posts posts;
    private final AnswerDays days;
    private final CityCalendar calendar;
    private final Clock clock;

    Applications(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Carts carts,
            Grants grants,
            Steps steps,
            Departments departments,
            Posts posts,
            AnswerDays days,
            CityCalendar calendar,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.carts = carts;
        this.grants = grants;
        this.steps = steps;
        this.departments = departments;
        this.posts = posts;
        this.days = days;
        this.calendar = calendar;
        this.clock = clock;
    }

    /** An application as a list of them needs it; of its parts those that whoever asks may see. */
    public record ApplicationBrief(
            UUID id,
            String number,
            Department department,
            String applicantName,
            String scenario,
            Application.State state,
            Ticket.Lateness lateness,
            @Nullable Instant dueAt,
            Instant createdAt,
            @Nullable Instant submittedAt,
            List<PartBrief> parts) {
        public ApplicationBrief {
            parts = List.copyOf(parts);
        }
    }

    /** A part as a list needs it. */
    public record PartBrief(
            UUID id,
            Department provider,
            Part.State state,
            Ticket.Lateness lateness,
            @Nullable Instant dueAt,
            @Nullable UUID grant) {}

    /**
     * Everything about one.
     *
     * @param offers what it asks of, as the directory says now; while it is a draft
     * @param violations what keeps it from being submitted; while it is a draft
     * @param hints what is worth knowing before
     * @param steps the newest first
     * @param acts what whoever asks may do now
     */
    public record ApplicationWhole(
            Application application,
            List<PartWhole> parts,
            List<Offered> offers,
            List<Violation> violations,
            List<Violation> hints,
            List<Application.Step> steps,
            Set<ShareAct> acts) {
        public ApplicationWhole {
            parts = List.copyOf(parts);
            offers = List.copyOf(offers);
            violations = List.copyOf(violations);
            hints = List.copyOf(hints);
            steps = List.copyOf(steps);
            acts = Set.copyOf(acts);
        }
    }

    /**
     * A part with what may be done.
     *
     * @param asked what would be granted if nothing were narrowed; null where nobody can say, or nobody may grant
     */
    public record PartWhole(Part part, @Nullable Terms asked, Set<ShareAct> acts) {
        public PartWhole {
            acts = Set.copyOf(acts);
        }
    }

    /** Which applications somebody wants to see. */
    public enum Wanted {
        /** One's own department's. */
        OWN,
        /** Those that wait for whoever asks. */
        WAITING,
        ALL,
    }

    /** Begins an application for what is in the cart, which is empty after it. */
    public ApplicationWhole begin(Account who) {
        Department own = Carts.department(who);
        UUID id = UUID.randomUUID();
        transaction.executeWithoutResult(status -> {
            List<Asked.Table> tables = carts.list(who).stream()
                    .map(offer -> new Asked.Table(offer.entry(), List.of(), List.of(), null))
                    .toList();
            insert(id, who, own, Asked.of(tables), null);
            carts.empty(who);
        });
        return get(who, id);
    }

    /** Begins an application that goes on from a grant, with all that it asked for; its period follows on the grant's. */
    public ApplicationWhole renew(Account who, UUID grant) {
        Department own = Carts.department(who);
        UUID id = UUID.randomUUID();
        transaction.executeWithoutResult(status -> {
            Application before = find(grants.renewed(who, grant));
            UUID part = grants.part(who, grant);
            Set<UUID> entries =
                    part(part).tables().stream().map(Part.Table::entry).collect(Collectors.toSet());
            Asked asked = before.asked();
            LocalDate from = requireNonNull(asked.from());
            LocalDate to = requireNonNull(asked.to());
            LocalDate next = to.plusDays(1);
            LocalDate today = today();
            LocalDate begins = next.isBefore(today) ? today : next;
            insert(
                    id,
                    who,
                    own,
                    new Asked(
                            asked.scenario(),
                            asked.legalBasis(),
                            asked.purpose(),
                            begins,
                            begins.plusDays(to.toEpochDay() - from.toEpochDay()),
                            asked.callsADay(),
                            asked.rowsADay(),
                            asked.system(),
                            asked.systemLevel(),
                            asked.contact(),
                            false,
                            asked.tables().stream()
                                    .filter(table -> entries.contains(table.entry()))
                                    .toList()),
                    grant);
        });
        return get(who, id);
    }

    private void insert(UUID id, Account who, Department own, Asked asked, @Nullable UUID renews) {
        long next = jdbc.sql("select nextval('share_application_numbers')")
                .query(Long.class)
                .single();
        jdbc.sql("""
                        insert into share_applications (id, number, applicant, applicant_name, department_id, state, asked, renews, created_at)
                        values (:id, :number, :applicant, :name, :department, 'DRAFT', cast(:asked as jsonb), cast(:renews as uuid), :at)
                        on conflict do nothing""")
                .param("id", id)
                .param("number", "SQ%d-%06d".formatted(today().getYear(), next))
                .param("applicant", who.username())
                .param("name", who.displayName())
                .param("department", own.id())
                .param("asked", JSON.writeValueAsString(asked))
                .param("renews", renews == null ? null : renews.toString())
                .param("at", Timestamp.from(clock.instant()))
                .update();
    }

    /** Newest first, but what waits by its day. */
    public List<ApplicationBrief> list(Account who, Wanted wanted) {
        Department own = who.department();
        String seen = """
                (:all and a.state <> 'DRAFT' or a.department_id = :department or a.submitted_at is not null and exists (select from
                share_parts p where p.application_id = a.id and p.department_id = :department))""";
        String condition = switch (wanted) {
            case OWN -> "a.department_id = :department";
            case ALL -> "true";
            case WAITING -> """
                    (:bureau and (a.state = 'SUBMITTED' or exists (select from share_parts p where p.application_id = a.id
                        and p.state = 'ESCALATED'))
                    or exists (select from share_parts p where p.application_id = a.id and p.department_id = :department
                        and p.state in ('PROVIDER_REVIEW', 'NEGOTIATION')))""";
        };
        List<Application> found = jdbc.sql(APPLICATION + " where " + seen + " and " + condition
                        + " order by a.created_at desc, a.number desc limit " + MOST_SHOWN)
                .param("all", Grants.seesAll(who))
                .param("bureau", who.has(org.qiantang.org.Role.ENGINEER))
                .param("department", own == null ? "" : own.id())
                .query((row, n) -> application(row))
                .list();
        Map<UUID, List<Part>> parts = parts(found.stream().map(Application::id).toList());
        List<ApplicationBrief> briefs = found.stream()
                .map(each -> brief(each, visible(who, each, parts.getOrDefault(each.id(), List.of()))))
                .toList();
        return wanted != Wanted.WAITING
                ? briefs
                : briefs.stream()
                        .sorted(java.util.Comparator.comparing(
                                ApplicationBrief::dueAt,
                                java.util.Comparator.nullsLast(java.util.Comparator.naturalOrder())))
                        .toList();
    }

    private static ApplicationBrief brief(Application each, List<Part> parts) {
        Instant due = java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(each.dueAt()), parts.stream().map(Part::dueAt))
                .filter(Objects::nonNull)
                .min(java.util.Comparator.naturalOrder())
                .orElse(null);
        Ticket.Lateness lateness = java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(each.lateness()),
                        parts.stream().filter(Part::isOpen).map(Part::lateness))
                .max(java.util.Comparator.naturalOrder())
                .orElseThrow();
        return new ApplicationBrief(
                each.id(),
                each.number(),
                each.department(),
                each.applicantName(),
                each.asked().scenario(),
                each.state(),
                lateness,
                due,
                each.createdAt(),
                each.submittedAt(),
                parts.stream()
                        .map(part -> new PartBrief(
                                part.id(), part.provider(), part.state(), part.lateness(), part.dueAt(), part.grant()))
                        .toList());
    }

    /** Both sides see everything of what is between them; a source department nothing of what others are asked. */
    private static List<Part> visible(Account who, Application application, List<Part> parts) {
        Department own = who.department();
        boolean all = Grants.seesAll(who) || isOf(application, own);
        return parts.stream()
                .filter(part -> all || own != null && part.provider().id().equals(own.id()))
                .toList();
    }

    private static boolean isOf(Application application, @Nullable Department own) {
        return own != null && own.id().equals(application.department().id());
    }

    public ApplicationWhole get(Account who, UUID id) {
        Application application = find(id);
        List<Part> visible = requireMaySee(who, application);
        Set<UUID> shown = visible.stream().map(Part::id).collect(Collectors.toSet());
        boolean draft = application.state() == Application.State.DRAFT;
        List<Offered> offers = draft ? offers(application.asked()) : List.of();
        Set<ShareAct> acts = java.util.EnumSet.noneOf(ShareAct.class);
        acts.addAll(Application.MOVES.acts(application.state(), sides(who, application, null)));
        if (application.state() == Application.State.REVIEWED
                && parts(id).stream().noneMatch(Part::isOpen)) {
            acts.remove(ShareAct.WITHDRAW);
        }
        if (application.applicant().equals(who.username())) {
            acts.removeAll(Set.of(ShareAct.RETURN, ShareAct.PASS, ShareAct.REFUSE));
        }
        return new ApplicationWhole(
                application,
                visible.stream().map(part -> whole(who, application, part)).toList(),
                offers,
                draft ? violations(application, offers) : List.of(),
                draft ? hints(application, offers) : List.of(),
                steps.list(id).stream()
                        .filter(step -> step.part() == null || shown.contains(step.part()))
                        .toList(),
                acts);
    }

    private PartWhole whole(Account who, Application application, Part part) {
        Set<ShareAct> acts = java.util.EnumSet.noneOf(ShareAct.class);
        if (application.state() == Application.State.REVIEWED) {
            acts.addAll(Part.MOVES.acts(part.state(), sides(who, application, part)));
        }
        acts.removeAll(Set.of(ShareAct.WITHDRAW, ShareAct.FORWARD));
        if (application.applicant().equals(who.username())) {
            acts.removeAll(Set.of(ShareAct.GRANT, ShareAct.REJECT));
        }
        Terms asked = null;
        if (acts.contains(ShareAct.GRANT)) {
            try {
                asked = asked(application, part);
            } catch (Problem noJurisdiction) {
                // Whoever tries to grant it is told.
                asked = null;
            }
        }
        return new PartWhole(part, asked, acts);
    }

    private static Set<Side> sides(Account who, Application application, @Nullable Part part) {
        return Application.sides(
                who,
                application.department().id(),
                part == null ? null : part.provider().id());
    }

    private List<Part> requireMaySee(Account who, Application application) {
        List<Part> visible = visible(who, application, parts(application.id()));
        boolean own = isOf(application, who.department());
        boolean draft = application.state() == Application.State.DRAFT && application.submittedAt() == null;
        if (!own && (draft || !Grants.seesAll(who) && visible.isEmpty())) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", application.id().toString());
        }
        return visible;
    }

    /** @param revision the one that whoever writes has seen */
    public ApplicationWhole save(Account who, UUID id, int revision, Asked asked) {
        transaction.executeWithoutResult(status -> {
            Application application = locked(who, id);
            next(who, application, ShareAct.EDIT);
            if (revision != application.revision()) {
                throw new Problem(ShareProblem.CHANGED_MEANWHILE);
            }
            jdbc.sql(
                            "update share_applications set asked = cast(:asked as jsonb), revision = revision + 1 where id = :id")
                    .param("asked", JSON.writeValueAsString(asked))
                    .param("id", id)
                    .update();
        });
        return get(who, id);
    }

    /** Whoever submits it is its applicant from then on. */
    public ApplicationWhole submit(Account who, UUID id) {
        transaction.executeWithoutResult(status -> {
            Application application = locked(who, id);
            Application.State next = next(who, application, ShareAct.SUBMIT);
            List<Offered> offers = offers(application.asked());
            List<Violation> violations = violations(application, offers);
            if (!violations.isEmpty()) {
                throw new Problem(ShareProblem.INCOMPLETE, "count", Integer.toString(violations.size()))
                        .with("violations", violations);
            }
            insertParts(application, offers);
            jdbc.sql("""
                            update share_applications set state = :state, applicant = :who, applicant_name = :name, submitted_at = :at,
                                due_at = :due, lateness = 'IN_TIME' where id = :id""")
                    .param("state", next.name())
                    .param("who", who.username())
                    .param("name", who.displayName())
                    .param("at", Timestamp.from(clock.instant()))
                    .param("due", due(days.compliance()))
                    .param("id", id)
                    .update();
            steps.add(
                    Steps.About.application(id),
                    new Steps.Did(who, Side.APPLICANT, ShareAct.SUBMIT, null, null),
                    application.state(),
                    next);
        });
        return get(who, id);
    }

    /**
     * Takes what a department asks for all at once, under a number of its own: it need not gather here first. What comes again is taken once.
     *
     * @param round grows with each time that it is handed in anew
     */
    public ApplicationWhole receive(Account who, UUID id, int round, Asked asked) {
        Department own = Carts.department(who);
        transaction.executeWithoutResult(status -> {
            insert(id, who, own, asked, null);
            Application known = locked(who, id);
            if (!isOf(known, own)) {
                throw new Problem(CoreProblem.NOT_FOUND, "what", id.toString());
            }
            if (known.revision() < round) {
                next(who, known, ShareAct.EDIT);
                jdbc.sql(
                                "update share_applications set asked = cast(:asked as jsonb), revision = :round where id = :id")
                        .param("asked", JSON.writeValueAsString(asked))
                        .param("round", round)
                        .param("id", id)
                        .update();
                submit(who, id);
            }
        });
        return get(who, id);
    }

    /** One part for each department and way of sharing, in the order of what is asked. */
    private void insertParts(Application application, List<Offered> offers) {
        record Key(String department, Guide.ShareClass shareClass) {}
        Map<UUID, Offered> byEntry = byEntry(offers);
        Map<Key, List<Part.Table>> tables = new LinkedHashMap<>();
        for (Asked.Table asked : application.asked().tables()) {
            Offered offer = requireNonNull(byEntry.get(asked.entry()));
            Map<String, Level> levels = new HashMap<>();
            offer.fields().forEach(field -> levels.put(field.name(), field.level()));
            tables.computeIfAbsent(new Key(offer.provider().id(), offer.shareClass()), key -> new ArrayList<>())
                    .add(new Part.Table(
                            offer.entry(),
                            offer.resource(),
                            offer.title(),
                            offer.lakeTable(),
                            asked,
                            asked.fields().stream()
                                    .map(field -> requireNonNull(levels.get(field.name())))
                                    .toList()));
        }
        int ordinal = 0;
        for (Map.Entry<Key, List<Part.Table>> part : tables.entrySet()) {
            jdbc.sql("""
                            insert into share_parts (id, application_id, department_id, share_class, ordinal, state, tables)
                            values (:id, :application, :department, :class, :ordinal, 'WAITING', cast(:tables as jsonb))""")
                    .param("id", UUID.randomUUID())
                    .param("application", application.id())
                    .param("department", part.getKey().department)
                    .param("class", part.getKey().shareClass.name())
                    .param("ordinal", ordinal++)
                    .param("tables", JSON.writeValueAsString(part.getValue()))
                    .update();
        }
    }

    /** Takes back what is not granted yet. */
    public ApplicationWhole withdraw(Account who, UUID id) {
        transaction.executeWithoutResult(status -> {
            Application application = locked(who, id);
            Application.State next = next(who, application, ShareAct.WITHDRAW);
            List<Part> open = parts(id).stream().filter(Part::isOpen).toList();
            if (application.state() == Application.State.REVIEWED && open.isEmpty()) {
                throw new Problem(
                        ShareProblem.WRONG_STATE,
                        "act",
                        ShareAct.WITHDRAW.named(),
                        "state",
                        "已全部答复 (answered in full)");
            }
            for (Part part : open) {
                settle(part, Part.MOVES.after(part.state(), ShareAct.WITHDRAW, Set.of(Side.APPLICANT)), null, null);
            }
            move(application, next, new Steps.Did(who, Side.APPLICANT, ShareAct.WITHDRAW, null, null));
        });
        return get(who, id);
    }

    /** To be completed, saying what is missing. */
    public ApplicationWhole giveBack(Account who, UUID id, @Nullable String words) {
        transaction.executeWithoutResult(status -> {
            Application application = locked(who, id);
            Application.State next = next(who, application, ShareAct.RETURN);
            String said = Steps.required(ShareAct.RETURN, words, "需要补正的内容", "what is missing");
            jdbc.sql("delete from share_parts where application_id = ?")
                    .param(id)
                    .update();
            move(application, next, new Steps.Did(who, Side.BUREAU, ShareAct.RETURN, said, null));
        });
        return get(who, id);
    }

    /** Grants what is shared unconditionally, and gives the rest to the departments that answer for it. */
    public ApplicationWhole pass(Account who, UUID id, @Nullable String words) {
        transaction.executeWithoutResult(status -> {
            Application application = locked(who, id);
            Application.State next = next(who, application, ShareAct.PASS);
            move(application, next, new Steps.Did(who, Side.BUREAU, ShareAct.PASS, blankIsNull(words), null));
            for (Part part : parts(id)) {
                if (part.shareClass() == Guide.ShareClass.UNCONDITIONAL) {
                    grant(
                            application,
                            part,
                            asked(application, part),
                            new Steps.Did(who, Side.BUREAU, ShareAct.GRANT, null, null));
                } else {
                    Part.State after = Part.MOVES.after(part.state(), ShareAct.FORWARD, Set.of(Side.BUREAU));
                    settle(part, after, due(days.provider()), null);
                    steps.add(
                            new Steps.About(id, part.id(), null),
                            new Steps.Did(who, Side.BUREAU, ShareAct.FORWARD, null, null),
                            part.state(),
                            after);
                }
            }
        });
        return get(who, id);
    }

    /** It does not comply; with the reason and the law. */
    public ApplicationWhole refuse(Account who, UUID id, @Nullable String reason, @Nullable String legalBasis) {
        transaction.executeWithoutResult(status -> {
            Application application = locked(who, id);
            Application.State next = next(who, application, ShareAct.REFUSE);
            Steps.Did did = refusal(who, Side.BUREAU, ShareAct.REFUSE, reason, legalBasis);
            for (Part part : parts(id)) {
                settle(part, Part.MOVES.after(part.state(), ShareAct.REJECT, Set.of(Side.BUREAU)), null, null);
            }
            move(application, next, did);
        });
        return get(who, id);
    }

    private static Steps.Did refusal(
            Account who, Side side, ShareAct act, @Nullable String reason, @Nullable String legalBasis) {
        return new Steps.Did(
                who,
                side,
                act,
                Steps.required(act, reason, "理由", "a reason"),
                Steps.required(act, legalBasis, "法律依据", "its legal basis"));
    }

    /** A part is granted, as it was asked for or less. */
    public ApplicationWhole grantPart(Account who, UUID id, @Nullable Terms terms, @Nullable String words) {
        return act(who, id, ShareAct.GRANT, (application, part, side) -> {
            Terms asked = asked(application, part);
            if (terms != null) {
                terms.requireWithin(asked);
            }
            grant(
                    application,
                    part,
                    terms == null ? asked : terms,
                    new Steps.Did(who, side, ShareAct.GRANT, blankIsNull(words), null));
        });
    }

    public ApplicationWhole reject(Account who, UUID id, @Nullable String reason, @Nullable String legalBasis) {
        return act(who, id, ShareAct.REJECT, (application, part, side) -> {
            Steps.Did did = refusal(who, side, ShareAct.REJECT, reason, legalBasis);
            step(part, did, null);
        });
    }

    /** The applicant answers a rejection; from here on both sides speak. */
    public ApplicationWhole negotiate(Account who, UUID id, @Nullable String words) {
        return act(
                who,
                id,
                ShareAct.NEGOTIATE,
                (application, part, side) -> step(
                        part,
                        new Steps.Did(
                                who,
                                side,
                                ShareAct.NEGOTIATE,
                                Steps.required(ShareAct.NEGOTIATE, words, "意见", "a statement"),
                                null),
                        due(days.provider())));
    }

    /** A statement; the clock goes on. */
    public ApplicationWhole say(Account who, UUID id, @Nullable String words) {
        return act(
                who,
                id,
                ShareAct.SAY,
                (application, part, side) -> steps.add(
                        new Steps.About(application.id(), id, null),
                        new Steps.Did(
                                who,
                                side,
                                ShareAct.SAY,
                                Steps.required(ShareAct.SAY, words, "意见", "a statement"),
                                null),
                        part.state(),
                        part.state()));
    }

    /** The two do not agree: the bureau decides. */
    public ApplicationWhole escalate(Account who, UUID id, @Nullable String words) {
        return act(
                who,
                id,
                ShareAct.ESCALATE,
                (application, part, side) -> step(
                        part,
                        new Steps.Did(
                                who,
                                side,
                                ShareAct.ESCALATE,
                                Steps.required(ShareAct.ESCALATE, words, "理由", "a reason"),
                                null),
                        due(days.decision())));
    }

    /** What changing a grant may not go beyond is what was applied for. */
    public Grants.GrantWhole change(Account who, UUID grant, Terms terms, @Nullable String reason) {
        Part part = part(grants.part(who, grant));
        return grants.change(who, grant, terms, asked(find(part.application()), part), reason);
    }

    private interface PartAct {
        void carryOut(Application application, Part part, Side side);
    }

    private ApplicationWhole act(Account who, UUID id, ShareAct act, PartAct carriedOut) {
        UUID of = part(id).application();
        transaction.executeWithoutResult(status -> {
            // Whoever answers at the same time waits here, and then finds another state.
            Application application = locked(who, of);
            Part part = part(id);
            if (requireMaySee(who, application).stream()
                    .noneMatch(each -> each.id().equals(id))) {
                throw new Problem(CoreProblem.NOT_FOUND, "what", id.toString());
            }
            Set<Side> sides = sides(who, application, part);
            Part.MOVES.after(part.state(), act, sides);
            Side side = Part.MOVES.side(part.state(), act, sides);
            if (application.state() != Application.State.REVIEWED) {
                throw new Problem(
                        ShareProblem.WRONG_STATE,
                        "act",
                        act.named(),
                        "state",
                        application.state().words().zh() + " ("
                                + application.state().words().en() + ")");
            }
            requireAnother(who, application, side, act);
            carriedOut.carryOut(application, part, side);
        });
        return get(who, of);
    }

    /** Nobody answers their own application, whatever else they are. */
    private static void requireAnother(Account who, Application application, Side side, ShareAct act) {
        if (side != Side.APPLICANT && application.applicant().equals(who.username())) {
            throw new Problem(ShareProblem.OWN_APPLICATION, "act", act.named());
        }
    }

    private static Application.State next(Account who, Application application, ShareAct act) {
        Set<Side> sides = sides(who, application, null);
        Application.State next = Application.MOVES.after(application.state(), act, sides);
        requireAnother(who, application, Application.MOVES.side(application.state(), act, sides), act);
        return next;
    }

    private void step(Part part, Steps.Did did, @Nullable Timestamp due) {
        Part.State after = Part.MOVES.after(part.state(), did.act(), Set.of(did.side()));
        settle(part, after, due, null);
        steps.add(new Steps.About(part.application(), part.id(), null), did, part.state(), after);
    }

    private void grant(Application application, Part part, Terms terms, Steps.Did did) {
        if (!terms.to().isAfter(clock.instant())) {
            throw new Problem(ShareProblem.PERIOD_OVER);
        }
        Part.State after = Part.MOVES.after(part.state(), ShareAct.GRANT, Set.of(did.side()));
        Asked asked = application.asked();
        Account who = did.who();
        UUID grant = grants.issue(
                new Grants.Issued(
                        application.id(),
                        part.id(),
                        application.department().id(),
                        part.provider().id(),
                        new Grants.Content(
                                asked.scenario(),
                                asked.legalBasis(),
                                asked.purpose(),
                                asked.system(),
                                asked.systemLevel(),
                                terms)),
                who == null ? "share" : who.username());
        settle(part, after, null, grant);
        steps.add(new Steps.About(application.id(), part.id(), grant), did, part.state(), after);
    }

    private void settle(Part part, Part.State state, @Nullable Timestamp due, @Nullable UUID grant) {
        jdbc.sql("""
                        update share_parts set state = :state, due_at = cast(:due as timestamptz), lateness = 'IN_TIME',
                            grant_id = cast(:grant as uuid) where id = :id""")
                .param("state", state.name())
                .param("due", due)
                .param("grant", grant == null ? null : grant.toString())
                .param("id", part.id())
                .update();
    }

    private void move(Application application, Application.State next, Steps.Did did) {
        jdbc.sql("update share_applications set state = :state, due_at = null, lateness = 'IN_TIME' where id = :id")
                .param("state", next.name())
                .param("id", application.id())
                .update();
        steps.add(Steps.About.application(application.id()), did, application.state(), next);
    }

    /** What was asked for, as it can be granted today. */
    private Terms asked(Application application, Part part) {
        Asked asked = application.asked();
        return new Terms(
                requireNonNull(asked.from()).atStartOfDay(calendar.zone()).toInstant(),
                requireNonNull(asked.to())
                        .plusDays(1)
                        .atStartOfDay(calendar.zone())
                        .toInstant(),
                new Quota(asked.callsADay(), asked.rowsADay()),
                part.tables().stream()
                        .map(table -> new GrantedTable(
                                tableName(table.lakeTable()),
                                shown(table.asked()),
                                table.asked().rows().stream()
                                        .map(rows -> rows.condition(
                                                rows.kind() == Asked.Rows.Kind.WITHIN_JURISDICTION
                                                        ? jurisdiction(application)
                                                        : List.of()))
                                        .toList()))
                        .toList());
    }

    private static TableName tableName(String lakeTable) {
        int dot = lakeTable.indexOf('.');
        return new TableName(lakeTable.substring(0, dot), lakeTable.substring(dot + 1));
    }

    private static Map<String, String> shown(Asked.Table table) {
        Map<String, String> shown = new LinkedHashMap<>();
        table.fields().forEach(field -> shown.put(field.name(), field.showing()));
        return shown;
    }

    /** What the applicant answers for today, or else their department does. */
    private List<String> jurisdiction(Application application) {
        LocalDate today = today();
        Set<String> codes = new TreeSet<>(posts.find(application.applicant(), today)
                .map(Posts.Standing::jurisdiction)
                .map(Jurisdiction::codes)
                .orElse(List.of()));
        if (codes.isEmpty()) {
            departments.entries().stream()
                    .filter(entry -> entry.department()
                            .id()
                            .equals(application.department().id()))
                    .map(DepartmentEntry::division)
                    .filter(Objects::nonNull)
                    .forEach(codes::add);
        }
        if (codes.isEmpty()) {
            throw new Problem(ShareProblem.NO_JURISDICTION);
        }
        return List.copyOf(codes);
    }

    private List<Offered> offers(Asked asked) {
        List<Offered> offers = new ArrayList<>();
        for (Asked.Table table : asked.tables()) {
            try {
                offers.add(carts.offer(table.entry()));
            } catch (Problem gone) {
                if (gone.code() != ShareProblem.NOT_AVAILABLE && gone.code() != CoreProblem.NOT_FOUND) {
                    throw gone;
                }
                // What is left out here is named by the check.
                continue;
            }
        }
        return offers;
    }

    private static Map<UUID, Offered> byEntry(Collection<Offered> offers) {
        return offers.stream().collect(Collectors.toMap(Offered::entry, offer -> offer));
    }

    private List<Violation> violations(Application application, List<Offered> offers) {
        return Checks.violations(application.asked(), application.department(), byEntry(offers), today());
    }

    /** What the department has already, and what is open anyway: nobody is asked twice. */
    private List<Violation> hints(Application application, List<Offered> offers) {
        return Checks.hints(application.asked(), byEntry(offers), grants.had(application.department()));
    }

    /** What the clocks bring about: reminders, and what follows on silence. */
    void remind() {
        Instant now = clock.instant();
        jdbc.sql("""
                        select id from share_applications where state = 'SUBMITTED' and due_at < ? and lateness <> 'ESCALATED'""")
                .param(Timestamp.from(now))
                .query((row, n) -> row.getObject(1, UUID.class))
                .list()
                .forEach(id -> transaction.executeWithoutResult(status -> remindReview(id, now)));
        jdbc.sql("""
                        select id from share_parts where state in ('PROVIDER_REVIEW', 'NEGOTIATION', 'ESCALATED') and due_at < ?
                            and (lateness = 'IN_TIME' or state <> 'ESCALATED')""")
                .param(Timestamp.from(now))
                .query((row, n) -> row.getObject(1, UUID.class))
                .list()
                .forEach(id -> transaction.executeWithoutResult(status -> remindPart(id, now)));
    }

    private void remindReview(UUID id, Instant now) {
        lock(id);
        Application application = find(id);
        Instant due = application.dueAt();
        if (application.state() != Application.State.SUBMITTED || due == null || !due.isBefore(now)) {
            return;
        }
        ShareAct act;
        if (application.lateness() == Ticket.Lateness.IN_TIME) {
            act = ShareAct.REMIND;
        } else if (calendar.due(due, days.escalate()).isBefore(now)) {
            act = ShareAct.ESCALATE;
        } else {
            return;
        }
        jdbc.sql("update share_applications set lateness = ? where id = ?")
                .params(act == ShareAct.REMIND ? "OVERDUE" : "ESCALATED", id)
                .update();
        steps.add(
                Steps.About.application(id), Steps.Did.platform(act, "数据局"), application.state(), application.state());
    }

    private void remindPart(UUID id, Instant now) {
        lock(part(id).application());
        Part part = part(id);
        Instant due = part.dueAt();
        if (due == null || !due.isBefore(now)) {
            return;
        }
        if (part.lateness() == Ticket.Lateness.IN_TIME) {
            jdbc.sql("update share_parts set lateness = 'OVERDUE' where id = ?")
                    .param(id)
                    .update();
            steps.add(
                    new Steps.About(part.application(), id, null),
                    Steps.Did.platform(
                            ShareAct.REMIND,
                            part.state() == Part.State.ESCALATED
                                    ? "数据局"
                                    : part.provider().name()),
                    part.state(),
                    part.state());
        } else if (part.state() != Part.State.ESCALATED
                && calendar.due(due, days.escalate()).isBefore(now)) {
            silent(part);
        }
    }

    /** Nobody answered. That is no yes, unless the city says so and nothing was rejected before. */
    private void silent(Part part) {
        if (days.silence() == AnswerDays.Silence.GRANT && part.state() == Part.State.PROVIDER_REVIEW) {
            Application application = find(part.application());
            try {
                Terms asked = asked(application, part);
                if (asked.to().isAfter(clock.instant())) {
                    grant(application, part, asked, Steps.Did.platform(ShareAct.GRANT, "逾期未答复"));
                    return;
                }
            } catch (Problem noJurisdiction) {
                // What cannot be granted is decided by people.
                if (noJurisdiction.code() != ShareProblem.NO_JURISDICTION) {
                    throw noJurisdiction;
                }
            }
        }
        step(part, Steps.Did.platform(ShareAct.ESCALATE, "逾期未答复"), due(days.decision()));
    }

    @Override
    public List<Owed> owed() {
        return jdbc.sql("""
                        select d.id, d.name, d.name_en, count(*) open, count(*) filter (where p.lateness <> 'IN_TIME') overdue,
                            min(p.due_at) due
                        from share_parts p join org_departments d on d.id = p.department_id
                        where p.state in ('PROVIDER_REVIEW', 'NEGOTIATION') group by d.id order by due, d.ordinal""")
                .query((row, n) -> new Owed(
                        new Department(row.getString("id"), row.getString("name"), row.getString("name_en")),
                        row.getInt("open"),
                        row.getInt("overdue"),
                        row.getTimestamp("due").toInstant()))
                .list();
    }

    @Override
    public int waitForBureau() {
        return jdbc.sql("""
                        select (select count(*) from share_applications where state = 'SUBMITTED')
                            + (select count(*) from share_parts where state = 'ESCALATED')""").query(Integer.class).single();
    }

    private LocalDate today() {
        return clock.instant().atZone(calendar.zone()).toLocalDate();
    }

    private Timestamp due(int workingDays) {
        return Timestamp.from(calendar.due(clock.instant(), workingDays));
    }

    private static @Nullable String blankIsNull(@Nullable String words) {
        return words == null || words.isBlank() ? null : words.strip();
    }

    /** For what is handed in with it: whoever may see it. */
    void requireSeen(Account who, UUID id) {
        requireMaySee(who, find(id));
    }

    /** For what is handed in with it, inside a transaction: nobody submits it meanwhile. */
    void requireDraft(Account who, UUID id) {
        Application application = locked(who, id);
        Application.MOVES.after(application.state(), ShareAct.EDIT, sides(who, application, null));
    }

    private void lock(UUID id) {
        jdbc.sql("select id from share_applications where id = ? for update")
                .param(id)
                .query(UUID.class)
                .optional();
    }

    private Application locked(Account who, UUID id) {
        lock(id);
        Application application = find(id);
        requireMaySee(who, application);
        return application;
    }

    private Application find(UUID id) {
        return jdbc.sql(APPLICATION + " where a.id = ?")
                .param(id)
                .query((row, n) -> application(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private Part part(UUID id) {
        return jdbc.sql(PART + " where p.id = ?")
                .param(id)
                .query((row, n) -> stored(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private List<Part> parts(UUID application) {
        return parts(List.of(application)).getOrDefault(application, List.of());
    }

    private Map<UUID, List<Part>> parts(List<UUID> applications) {
        return jdbc
                .sql(PART + " where p.application_id = any (:ids) order by p.ordinal")
                .param("ids", applications.toArray(UUID[]::new))
                .query((row, n) -> stored(row))
                .list()
                .stream()
                .collect(Collectors.groupingBy(Part::application));
    }

    private static Application application(ResultSet row) throws SQLException {
        return new Application(
                row.getObject("id", UUID.class),
                requireNonNull(row.getString("number")),
                requireNonNull(row.getString("applicant")),
                requireNonNull(row.getString("applicant_name")),
                new Department(row.getString("department_id"), row.getString("d_name"), row.getString("d_name_en")),
                Application.State.valueOf(row.getString("state")),
                JSON.readValue(row.getString("asked"), Asked.class),
                row.getObject("renews", UUID.class),
                row.getInt("revision"),
                row.getTimestamp("created_at").toInstant(),
                instant(row.getTimestamp("submitted_at")),
                instant(row.getTimestamp("due_at")),
                Ticket.Lateness.valueOf(row.getString("lateness")));
    }

    private static Part stored(ResultSet row) throws SQLException {
        return new Part(
                row.getObject("id", UUID.class),
                row.getObject("application_id", UUID.class),
                new Department(row.getString("department_id"), row.getString("d_name"), row.getString("d_name_en")),
                Guide.ShareClass.valueOf(row.getString("share_class")),
                Part.State.valueOf(row.getString("state")),
                JSON.readValue(row.getString("tables"), TABLES),
                instant(row.getTimestamp("due_at")),
                Ticket.Lateness.valueOf(row.getString("lateness")),
                row.getObject("grant_id", UUID.class));
    }

    private static @Nullable Instant instant(@Nullable Timestamp at) {
        return at == null ? null : at.toInstant();
    }
}
