package org.qiantang.zone;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditTrail;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;

/** The register of data products: nothing is handed out that is not in it, and what is withdrawn is not handed out any more. */
@Service
public final class Products {
    private static final TypeReference<List<LakeReader.TableRead>> TABLES = new TypeReference<>() {};
    private static final String PRODUCT = """
            select p.*, z.name z_name, z.department_id, d.name d_name, d.name_en d_name_en
            from zone_products p join zone_zones z on z.id = p.zone_id join org_departments d on d.id = z.department_id
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Zones zones;
    private final Releases releases;
    private final Resources resources;
    private final AuditTrail audit;
    private final Clock clock;

    Products(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Zones zones,
            Releases releases,
            Resources resources,
            AuditTrail audit,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.zones = zones;
        this.releases = releases;
        this.resources = resources;
        this.audit = audit;
        this.clock = clock;
    }

    /** What is registered. */
    public record Wanted(
            String name,
            Product.Kind kind,
            String purpose,
            Product.Price price,
            String priceBasis,
            List<UUID> releases) {
        public Wanted {
            releases = List.copyOf(new java.util.LinkedHashSet<>(releases));
        }
    }

    public Product register(Account who, UUID zoneId, Wanted wanted) {
        Zone zone = zones.find(zoneId);
        requireMayChange(who, zone);
        check(zone, wanted);
        UUID id = UUID.randomUUID();
        transaction.executeWithoutResult(status -> values(jdbc.sql("""
                        insert into zone_products (id, number, zone_id, name, kind, purpose, price, price_basis, releases, state,
                            registered_at, registered_by)
                        values (:id, :number, :zone, :name, :kind, :purpose, :price, :basis, :releases, 'REGISTERED', :at, :by)"""), wanted)
                .param("id", id)
                .param("number", zones.number("CP", "zone_product_numbers"))
                .param("zone", zoneId)
                .param("at", Timestamp.from(clock.instant()))
                .param("by", who.username())
                .update());
        return find(id);
    }

    /** Says something else of it. What was published has to be published again. */
    public Product change(Account who, UUID id, int revision, Wanted wanted) {
        transaction.executeWithoutResult(status -> {
            Product product = locked(id);
            Zone zone = zones.find(product.zone());
            requireMayChange(who, zone);
            requireStanding(product);
            if (product.revision() != revision) {
                throw new Problem(ZoneProblem.CHANGED_MEANWHILE);
            }
            check(zone, wanted);
            values(jdbc.sql("""
                            update zone_products set name = :name, kind = :kind, purpose = :purpose, price = :price, price_basis = :basis,
                                releases = :releases, state = 'REGISTERED', published_at = null, revision = revision + 1
                            where id = :id"""), wanted).param("id", id).update();
        });
        return find(id);
    }

    /**
     * Puts it on the open portal.
     *
     * @param revision that whoever publishes it has seen
     */
    public Product publish(Actor by, UUID id, int revision) {
        transaction.executeWithoutResult(status -> {
            Product product = locked(id);
            if (product.state() != Product.State.REGISTERED) {
                throw new Problem(
                        ZoneProblem.WRONG_STATE, "state", product.state().name());
            }
            if (product.revision() != revision) {
                throw new Problem(ZoneProblem.CHANGED_MEANWHILE);
            }
            Zone zone = zones.find(product.zone());
            if (!zones.isInForce(zone)) {
                throw new Problem(ZoneProblem.NOT_IN_FORCE);
            }
            if (product.releases().isEmpty()) {
                throw new Problem(ZoneProblem.RELEASE_NEEDED);
            }
            jdbc.sql(
                            "update zone_products set state = 'PUBLISHED', published_at = ?, revision = revision + 1 where id = ?")
                    .params(Timestamp.from(clock.instant()), id)
                    .update();
            audit.record(by, Act.PRODUCT_PUBLISHED, product.number(), Map.of(), Map.of("name", product.name()));
        });
        return find(id);
    }

    /** Nothing of it is handed out from this moment on, for good. */
    public Product withdraw(Account who, String address, UUID id, @Nullable String reason) {
        String why = Zones.required(reason, "撤回的理由 (why it is withdrawn)");
        transaction.executeWithoutResult(status -> {
            Product product = locked(id);
            requireMayChange(who, zones.find(product.zone()));
            requireStanding(product);
            jdbc.sql("""
                            update zone_products set state = 'WITHDRAWN', withdrawn_at = ?, reason = ?, revision = revision + 1
                            where id = ?""").params(Timestamp.from(clock.instant()), why, id).update();
            audit.record(
                    new Actor(who.username(), address),
                    Act.PRODUCT_WITHDRAWN,
                    product.number(),
                    Map.of("state", product.state().name()),
                    Map.of("reason", why));
        });
        return find(id);
    }

    /** The register; members see what is of their zones, and everybody what is published. */
    public List<Product> list(Account who) {
        return jdbc.sql(PRODUCT + " order by p.registered_at desc").query((row, n) -> product(row)).list().stream()
                .filter(product -> maySee(who, product))
                .toList();
    }

    public Product get(Account who, UUID id) {
        Product product = find(id);
        if (!maySee(who, product)) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", id.toString());
        }
        return product;
    }

    private boolean maySee(Account who, Product product) {
        return Zones.seesAll(who)
                || product.state() == Product.State.PUBLISHED
                || zones.find(product.zone()).hasMember(who);
    }

    /** What everybody sees, signed in or not: published, of a zone that is in force. */
    public List<Product> open() {
        return jdbc
                .sql(PRODUCT + " where p.state = 'PUBLISHED' order by p.published_at desc")
                .query((row, n) -> product(row))
                .list()
                .stream()
                .filter(product -> zones.isInForce(zones.find(product.zone())))
                .toList();
    }

    public Product open(UUID id) {
        return open().stream()
                .filter(product -> product.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    /** A file of a product that is free for the public good, for anybody. */
    public Releases.Handed openFile(UUID id, UUID release) {
        Product product = open(id);
        Release wanted = product.releases().stream()
                .filter(each -> each.id().equals(release))
                .findFirst()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", release.toString()));
        if (product.price() != Product.Price.PUBLIC_INTEREST_FREE) {
            throw new Problem(ZoneProblem.NOT_FREE);
        }
        return releases.hand(LakeReader.PUBLIC, wanted, product.number());
    }

    private void requireMayChange(Account who, Zone zone) {
        if (!who.has(Role.ENGINEER)) {
            zones.requireMember(who, zone);
        } else if (zone.state() == Zone.State.REVOKED) {
            throw new Problem(ZoneProblem.NOT_IN_FORCE);
        }
    }

    private static void requireStanding(Product product) {
        if (product.state() == Product.State.WITHDRAWN) {
            throw new Problem(ZoneProblem.WRONG_STATE, "state", product.state().name());
        }
    }

    private void check(Zone zone, Wanted wanted) {
        Zones.required(wanted.name, "产品名称 (a name)");
        Zones.required(wanted.purpose, "用途 (what it is for)");
        Zones.required(wanted.priceBasis, "定价依据 (what its price is based on)");
        for (UUID release : wanted.releases) {
            if (!releases.find(release).zone().equals(zone.id())) {
                throw new Problem(ZoneProblem.RELEASE_NEEDED);
            }
        }
    }

    private static JdbcClient.StatementSpec values(JdbcClient.StatementSpec statement, Wanted wanted) {
        return statement
                .param("name", wanted.name.strip())
                .param("kind", wanted.kind.name())
                .param("purpose", wanted.purpose.strip())
                .param("price", wanted.price.name())
                .param("basis", wanted.priceBasis.strip())
                .param("releases", wanted.releases.toArray(UUID[]::new), Types.ARRAY);
    }

    private Product locked(UUID id) {
        jdbc.sql("select id from zone_products where id = ? for update")
                .param(id)
                .query(UUID.class)
                .optional();
        return find(id);
    }

    private Product find(UUID id) {
        return jdbc.sql(PRODUCT + " where p.id = ?")
                .param(id)
                .query((row, n) -> product(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private Product product(ResultSet row) throws SQLException {
        List<Release> released =
                Zones.uuids(row, "releases").stream().map(releases::find).toList();
        return new Product(
                row.getObject("id", UUID.class),
                requireNonNull(row.getString("number")),
                row.getObject("zone_id", UUID.class),
                requireNonNull(row.getString("z_name")),
                new Department(row.getString("department_id"), row.getString("d_name"), row.getString("d_name_en")),
                requireNonNull(row.getString("name")),
                Product.Kind.valueOf(row.getString("kind")),
                requireNonNull(row.getString("purpose")),
                Product.Price.valueOf(row.getString("price")),
                requireNonNull(row.getString("price_basis")),
                sources(released),
                released,
                Product.State.valueOf(row.getString("state")),
                row.getInt("revision"),
                row.getTimestamp("registered_at").toInstant(),
                instant(row, "published_at"),
                instant(row, "withdrawn_at"),
                row.getString("reason"));
    }

    private List<Product.Source> sources(List<Release> released) {
        Map<String, Product.Source> sources = new TreeMap<>();
        Set<UUID> runs = new HashSet<>();
        released.forEach(release -> runs.add(release.run()));
        if (!runs.isEmpty()) {
            jdbc.sql("select tables from zone_runs where id in (:runs)")
                    .param("runs", runs)
                    .query(row -> {
                        for (LakeReader.TableRead table : ZoneRuns.JSON.readValue(row.getString("tables"), TABLES)) {
                            sources.computeIfAbsent(table.name(), name -> new Product.Source(name, named(name)));
                        }
                    });
        }
        return List.copyOf(sources.values());
    }

    private String named(String table) {
        int dot = table.indexOf('.');
        return resources
                .find(new TableName(table.substring(0, dot), table.substring(dot + 1)))
                .map(Resource::name)
                .orElse(table);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }
}
