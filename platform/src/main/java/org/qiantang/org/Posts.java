package org.qiantang.org;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The posts of the city and who holds them on a day. */
@Service
public final class Posts {
    private final JdbcClient jdbc;
    private final Departments departments;
    private final Divisions divisions;

    Posts(JdbcClient jdbc, Departments departments, Divisions divisions) {
        this.jdbc = jdbc;
        this.departments = departments;
        this.divisions = divisions;
    }

    /** A post on a day with those who hold it then, their contacts masked. */
    public record Held(Post post, Department department, List<Holder> holders) {
        public Held {
            holders = List.copyOf(holders);
        }
    }

    /** Somebody in a post. */
    public record Holder(Person person, Validity validity) {}

    /**
     * What a person is in the city on a day.
     *
     * @param line upward from their posts: whom they report to, the nearest first
     */
    public record Standing(Person person, List<Held> posts, Jurisdiction jurisdiction, List<Held> line) {
        public Standing {
            posts = List.copyOf(posts);
            line = List.copyOf(line);
        }
    }

    /** All posts there are or ever were, in their order. */
    public List<Post> list() {
        Map<String, List<String>> codes = new HashMap<>();
        jdbc.sql("select post_id, division from org_post_divisions order by division")
                .query(row -> {
                    codes.computeIfAbsent(row.getString(1), id -> new ArrayList<>())
                            .add(row.getString(2));
                });
        return jdbc.sql("select * from org_posts order by ordinal, id")
                .query((row, n) -> new Post(
                        row.getString("id"),
                        row.getString("department_id"),
                        row.getString("name"),
                        row.getString("name_en"),
                        row.getString("reports_to"),
                        codes.getOrDefault(row.getString("id"), List.of()),
                        row.getInt("ordinal"),
                        Validity.stored(
                                row.getObject("valid_from", LocalDate.class),
                                row.getObject("valid_to", LocalDate.class))))
                .list();
    }

    List<Person> people() {
        return jdbc.sql("select * from org_people order by id")
                .query((row, n) -> new Person(
                        row.getString("id"),
                        row.getString("display_name"),
                        row.getString("phone"),
                        row.getString("email"),
                        row.getString("username")))
                .list();
    }

    List<Appointment> appointments() {
        return jdbc.sql("select * from org_appointments order by valid_from, person_id")
                .query((row, n) -> new Appointment(
                        row.getString("person_id"),
                        row.getString("post_id"),
                        Validity.stored(
                                row.getObject("valid_from", LocalDate.class),
                                row.getObject("valid_to", LocalDate.class))))
                .list();
    }

    /** The posts of a department in force on that day. */
    public List<Held> of(String departmentId, LocalDate day) {
        return held(day).values().stream()
                .filter(held -> held.post().departmentId().equals(departmentId))
                .toList();
    }

    /** What the person behind an account is on that day; empty when the account is nobody's. */
    public Optional<Standing> find(String username, LocalDate day) {
        Optional<Person> found = people().stream()
                .filter(person -> username.equals(person.username()))
                .findFirst();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Person person = found.get();
        Map<String, Held> all = held(day);
        List<Held> own = all.values().stream()
                .filter(held -> held.holders().stream()
                        .anyMatch(holder -> holder.person().id().equals(person.id())))
                .toList();
        Map<String, DepartmentEntry> entries = new HashMap<>();
        departments.entries().forEach(entry -> entries.put(entry.department().id(), entry));
        Set<String> codes = new TreeSet<>();
        for (Held held : own) {
            codes.addAll(held.post().divisions());
            DepartmentEntry entry = entries.get(held.post().departmentId());
            String division = entry == null ? null : entry.division();
            if (held.post().divisions().isEmpty() && division != null) {
                codes.add(division);
            }
        }
        List<Held> line = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        own.forEach(held -> seen.add(held.post().id()));
        List<Held> level = own;
        while (!level.isEmpty()) {
            List<Held> above = level.stream()
                    .map(held -> above(held.post(), all))
                    .flatMap(Optional::stream)
                    .filter(held -> seen.add(held.post().id()))
                    .toList();
            line.addAll(above);
            level = above;
        }
        return Optional.of(new Standing(person.masked(), own, new Jurisdiction(codes, divisions.tree()), line));
    }

    /** A line ends at a post that is not in force. */
    private static Optional<Held> above(Post post, Map<String, Held> all) {
        String id = post.reportsTo();
        return id == null ? Optional.empty() : Optional.ofNullable(all.get(id));
    }

    private Map<String, Held> held(LocalDate day) {
        Map<String, Person> people = new HashMap<>();
        people().forEach(person -> people.put(person.id(), person.masked()));
        Map<String, List<Holder>> holders = new HashMap<>();
        for (Appointment appointment : appointments()) {
            @Nullable Person person = people.get(appointment.personId());
            if (person != null && appointment.validity().covers(day)) {
                holders.computeIfAbsent(appointment.postId(), id -> new ArrayList<>())
                        .add(new Holder(person, appointment.validity()));
            }
        }
        Map<String, Department> byId = new HashMap<>();
        departments.list().forEach(department -> byId.put(department.id(), department));
        Map<String, Held> held = new LinkedHashMap<>();
        for (Post post : list()) {
            @Nullable Department department = byId.get(post.departmentId());
            if (department != null && post.validity().covers(day)) {
                held.put(post.id(), new Held(post, department, holders.getOrDefault(post.id(), List.of())));
            }
        }
        return held;
    }

    /** Inside the caller's transaction. */
    void put(Post post) {
        jdbc.sql("""
                        insert into org_posts (id, department_id, name, name_en, reports_to, ordinal, valid_from, valid_to)
                        values (:id, :department, :name, :nameEn, :reportsTo, :ordinal, :from, :to)
                        on conflict (id) do update set department_id = excluded.department_id, name = excluded.name,
                            name_en = excluded.name_en, reports_to = excluded.reports_to, ordinal = excluded.ordinal,
                            valid_from = excluded.valid_from, valid_to = excluded.valid_to""")
                .param("id", post.id())
                .param("department", post.departmentId())
                .param("name", post.name())
                .param("nameEn", post.nameEn())
                .param("reportsTo", post.reportsTo())
                .param("ordinal", post.ordinal())
                .param("from", post.validity().begins())
                .param("to", post.validity().ends())
                .update();
        jdbc.sql("delete from org_post_divisions where post_id = ?")
                .param(post.id())
                .update();
        for (String code : post.divisions()) {
            jdbc.sql("insert into org_post_divisions (post_id, division) values (?, ?)")
                    .params(post.id(), code)
                    .update();
        }
    }

    /** Inside the caller's transaction. */
    void put(Person person) {
        jdbc.sql("""
                        insert into org_people (id, display_name, phone, email, username)
                        values (:id, :name, :phone, :email, :username)
                        on conflict (id) do update set display_name = excluded.display_name, phone = excluded.phone,
                            email = excluded.email, username = excluded.username""")
                .param("id", person.id())
                .param("name", person.displayName())
                .param("phone", person.phone())
                .param("email", person.email())
                .param("username", person.username())
                .update();
    }

    /** Inside the caller's transaction. */
    void put(Appointment appointment) {
        jdbc.sql("""
                        insert into org_appointments (person_id, post_id, valid_from, valid_to) values (:person, :post, :from, :to)
                        on conflict (person_id, post_id, valid_from) do update set valid_to = excluded.valid_to""")
                .param("person", appointment.personId())
                .param("post", appointment.postId())
                .param("from", appointment.validity().begins())
                .param("to", appointment.validity().ends())
                .update();
    }
}
