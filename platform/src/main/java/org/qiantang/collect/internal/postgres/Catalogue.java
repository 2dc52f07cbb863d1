package org.qiantang.collect.internal.postgres;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything a database holds, read with a handful of set-based queries whatever the number of tables.
 *
 * <p>Lists in details (keys, labels, columns) are JSON. Lake names go by the order of creation, so that a newcomer never takes the
 * name of a table collected before.
 */
final class Catalogue {
    private static final long PAGE_BYTES = 8192;
    /** What the server spends on a row besides its values. */
    private static final long ROW_OVERHEAD = 28;

    private static final long GUESSED_VALUE_BYTES = 16;

    private static final String OF_USERS =
            "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relpersistence <> 't'";

    private final Connection connection;
    private final int serverVersion;
    private final boolean ascii;
    private final Map<Long, Relation> relations = new LinkedHashMap<>();
    private final Map<List<String>, Relation> byName = new HashMap<>();
    private final Map<Long, Map<String, String>> details = new HashMap<>();
    private final Map<Long, List<SourceColumn>> columns = new HashMap<>();
    private final List<SourceObject> objects = new ArrayList<>();

    Catalogue(Sessions sessions) throws SQLException {
        connection = sessions.coordinator();
        serverVersion = sessions.serverVersion();
        ascii = sessions.ascii();
        readRelations();
        readInheritance();
        readColumns();
        readConstraints();
        readDefinitions();
        addRelations();
        addSequences();
        addTypes();
    }

    /** In the order of collection: the largest tables first, so that the last lane to finish is not far behind the first. */
    List<SourceObject> objects() {
        return objects;
    }

    Relation relation(SourceObject object) {
        Relation relation = byName.get(List.of(object.schema(), object.name()));
        if (relation == null) {
            throw new IllegalArgumentException("Not a table of this source: " + object.qualifiedName());
        }
        return relation;
    }

    Relation relation(long oid) {
        Relation relation = relations.get(oid);
        if (relation == null) {
            throw new IllegalArgumentException("Not a table of this source: " + oid);
        }
        return relation;
    }

    private void readRelations() throws SQLException {
        String sql = """
                SELECT c.oid, %s AS schema, %s AS name, c.relkind, c.relispartition, c.relpersistence,
                    c.relam IN (0, 2) AS heap,
                    CASE WHEN c.relkind IN ('r', 'm') THEN coalesce(pg_relation_size(c.oid), 0) ELSE 0 END AS heap_bytes,
                    CASE WHEN c.reltoastrelid <> 0 THEN coalesce(pg_relation_size(c.reltoastrelid), 0) ELSE 0 END AS toast_bytes,
                    c.relpages, c.reltuples, c.relfilenode, %s AS comment, %s AS server,
                    %s AS bound, %s AS partition_key,
                    coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS usage,
                    coalesce(has_table_privilege(c.oid, 'SELECT'), false) AS can_select,
                    coalesce(has_any_column_privilege(c.oid, 'SELECT'), false) AS can_select_some,
                    CASE WHEN c.relkind IN ('r', 'p') THEN coalesce(row_security_active(c.oid), false) ELSE false END AS policies
                FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace
                LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
                LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid
                LEFT JOIN pg_foreign_server s ON s.oid = f.ftserver
                WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND %s
                ORDER BY c.oid
                """.formatted(
                        text("n.nspname"),
                        text("c.relname"),
                        text("d.description"),
                        text("s.srvname"),
                        text("pg_get_expr(c.relpartbound, c.oid)"),
                        text("pg_get_partkeydef(c.oid)"),
                        OF_USERS);
        query(sql, row -> {
            boolean named = isUtf8(row, "schema") && isUtf8(row, "name");
            Relation relation = new Relation(
                    row.getLong("oid"),
                    needed(row, "schema"),
                    needed(row, "name"),
                    letter(row, "relkind"),
                    row.getBoolean("relispartition"),
                    row.getBoolean("heap"),
                    row.getLong("heap_bytes"),
                    row.getLong("toast_bytes"),
                    row.getLong("relpages"),
                    row.getDouble("reltuples"),
                    value(row, "comment"),
                    value(row, "server"),
                    row.getLong("relfilenode"),
                    new Relation.Access(
                            named,
                            row.getBoolean("usage"),
                            row.getBoolean("can_select"),
                            row.getBoolean("can_select_some"),
                            row.getBoolean("policies")));
            relations.put(relation.oid, relation);
            byName.put(List.of(relation.schema, relation.name), relation);
            detail(relation.oid, "server", relation.server);
            detail(relation.oid, "partitionBound", value(row, "bound"));
            detail(relation.oid, "partitionKey", value(row, "partition_key"));
            if (letter(row, "relpersistence") == 'u') {
                detail(relation.oid, "persistence", "unlogged");
            }
        });
    }

    private void readInheritance() throws SQLException {
        query("SELECT inhrelid, inhparent FROM pg_inherits ORDER BY inhrelid, inhseqno", row -> {
            Relation child = relations.get(row.getLong("inhrelid"));
            Relation parent = relations.get(row.getLong("inhparent"));
            if (child != null && parent != null) {
                child.parents.add(parent);
                parent.children.add(child);
            }
        });
        for (Relation relation : relations.values()) {
            if (relation.isPartition) {
                detail(relation.oid, "parent", relation.root().qualifiedName());
            } else if (!relation.parents.isEmpty()) {
                detail(
                        relation.oid,
                        "inherits",
                        json(relation.parents.stream()
                                .map(Relation::qualifiedName)
                                .toList()));
            }
        }
    }

    private void readColumns() throws SQLException {
        Map<Long, Domain> domains = new HashMap<>();
        query(
                """
                SELECT t.oid, t.typbasetype, t.typtypmod, b.typtype, b.typlen
                FROM pg_type t JOIN pg_type b ON b.oid = t.typbasetype WHERE t.typtype = 'd'
                """,
                row -> domains.put(
                        row.getLong("oid"),
                        new Domain(
                                row.getLong("typbasetype"),
                                row.getInt("typtypmod"),
                                letter(row, "typtype"),
                                row.getInt("typlen"))));
        Map<Long, Names> names = new HashMap<>();
        String sql = """
                SELECT a.attrelid, a.attnum, %s AS has_missing, %s AS name, a.atttypid, a.atttypmod, %s AS type, t.typtype, t.typlen, a.attnotnull,
                    a.attidentity, %s AS generated, %s AS expression, %s AS comment,
                    c.relkind = 'c' OR coalesce(has_column_privilege(a.attrelid, a.attnum, 'SELECT'), false) AS can_select
                FROM pg_attribute a
                JOIN pg_class c ON c.oid = a.attrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_type t ON t.oid = a.atttypid
                LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
                LEFT JOIN pg_description d
                    ON d.classoid = 'pg_class'::regclass AND d.objoid = a.attrelid AND d.objsubid = a.attnum
                WHERE a.attnum > 0 AND NOT a.attisdropped AND NOT c.relispartition
                    AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND %s
                ORDER BY a.attrelid, a.attnum
                """.formatted(
                        serverVersion >= 110_000 ? "a.atthasmissing" : "a.atthasdef",
                        text("a.attname"),
                        text("format_type(a.atttypid, a.atttypmod)"),
                        serverVersion >= 120_000 ? "a.attgenerated" : "''::\"char\"",
                        text("pg_get_expr(e.adbin, e.adrelid)"),
                        text("d.description"),
                        OF_USERS);
        query(sql, row -> {
            long owner = row.getLong("attrelid");
            long type = row.getLong("atttypid");
            int modifier = row.getInt("atttypmod");
            char kind = letter(row, "typtype");
            int length = row.getInt("typlen");
            String sourceType = needed(row, "type");
            Map<String, String> about = new TreeMap<>();
            if (kind == 'd') {
                about.put("domain", sourceType);
            }
            while (kind == 'd') {
                Domain domain = domains.get(type);
                if (domain == null) {
                    break;
                }
                type = domain.base;
                modifier = domain.modifier;
                kind = domain.kind;
                length = domain.length;
            }
            if (kind == 'e') {
                about.put("enum", sourceType);
            }
            char generated = letter(row, "generated");
            String expression = value(row, "expression");
            if (expression != null) {
                about.put(generated == ' ' ? "default" : "generated", expression);
            }
            if (generated != ' ') {
                about.put("generation", generated == 'v' ? "virtual" : "stored");
            }
            char identity = letter(row, "attidentity");
            if (identity != ' ') {
                about.put("identity", identity == 'a' ? "always" : "by default");
            }
            about.put(SourceColumn.IDENTITY, owner + "." + row.getInt("attnum"));
            String name = needed(row, "name");
            boolean readable = row.getBoolean("can_select") && isUtf8(row, "name");
            Wire wire = Wire.of(type, kind, modifier);
            LakeType lakeType = wire.lakeType(type, modifier);
            Relation relation = relations.get(owner);
            if (relation != null) {
                relation.attributes.add(new Relation.Attribute(
                        name,
                        sourceType,
                        wire,
                        lakeType,
                        type,
                        readable,
                        length == -1,
                        new Relation.Identity(
                                row.getInt("attnum"),
                                row.getLong("atttypid"),
                                row.getInt("atttypmod"),
                                switch (generated) {
                                    case ' ' -> Relation.Computed.NO;
                                    case 'v' -> Relation.Computed.VIRTUAL;
                                    default -> Relation.Computed.STORED;
                                },
                                row.getBoolean("has_missing") || expression != null)));
            }
            String lakeName = names.computeIfAbsent(owner, any -> new Names()).claim(name);
            columns.computeIfAbsent(owner, any -> new ArrayList<>())
                    .add(new SourceColumn(
                            name,
                            new Column(lakeName, lakeType, sourceType, value(row, "comment")),
                            !row.getBoolean("attnotnull"),
                            about));
        });
    }

    private void readConstraints() throws SQLException {
        String sql = """
                SELECT c.conrelid, c.contype, %s AS columns, %s AS definition, %s AS reference
                FROM pg_constraint c
                CROSS JOIN LATERAL (
                    SELECT json_agg(a.attname ORDER BY k.n) AS columns
                    FROM unnest(c.conkey) WITH ORDINALITY AS k (number, n)
                    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number) AS own
                CROSS JOIN LATERAL (
                    SELECT json_agg(a.attname ORDER BY k.n) AS columns
                    FROM unnest(c.confkey) WITH ORDINALITY AS k (number, n)
                    JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number) AS other
                LEFT JOIN pg_class r ON r.oid = c.confrelid
                LEFT JOIN pg_namespace n ON n.oid = r.relnamespace
                WHERE c.conrelid <> 0 AND c.contype IN ('p', 'u', 'f', 'c', 'x') %s
                ORDER BY c.conrelid, c.conname
                """.formatted(
                        text("own.columns::text"),
                        text("pg_get_constraintdef(c.oid)"),
                        text("CASE WHEN c.contype = 'f' THEN json_build_object('name', c.conname,"
                                + " 'columns', own.columns, 'schema', n.nspname, 'table', r.relname,"
                                + " 'referencedColumns', other.columns)::text END"),
                        serverVersion >= 110_000 ? "AND c.conparentid = 0" : "");
        Map<Long, Map<String, List<String>>> lists = new HashMap<>();
        query(sql, row -> {
            long owner = row.getLong("conrelid");
            String own = value(row, "columns");
            String definition = value(row, "definition");
            switch (letter(row, "contype")) {
                case 'p' -> detail(owner, "primaryKey", own);
                case 'u' -> into(lists, owner, "uniqueKeys", own);
                case 'f' -> into(lists, owner, "foreignKeys", value(row, "reference"));
                case 'x' -> into(lists, owner, "exclusions", definition == null ? null : json(definition));
                default -> into(lists, owner, "checks", definition == null ? null : json(definition));
            }
        });
        lists.forEach((owner, byName) ->
                byName.forEach((name, list) -> detail(owner, name, "[" + String.join(", ", list) + "]")));
    }

    private static void into(
            Map<Long, Map<String, List<String>>> lists, long owner, String name, @Nullable String item) {
        if (item != null) {
            lists.computeIfAbsent(owner, any -> new TreeMap<>())
                    .computeIfAbsent(name, any -> new ArrayList<>())
                    .add(item);
        }
    }

    /** What views say. One that cannot be deparsed must not hide the rest, so each failure costs only the definitions. */
    private void readDefinitions() throws SQLException {
        Sessions.run(connection, "SAVEPOINT definitions");
        try {
            query(
                    "SELECT c.oid, " + text("pg_get_viewdef(c.oid)") + " AS definition"
                            + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                            + " WHERE c.relkind IN ('v', 'm') AND " + OF_USERS,
                    row -> detail(row.getLong("oid"), "definition", value(row, "definition")));
        } catch (SQLException e) {
            Sessions.run(connection, "ROLLBACK TO SAVEPOINT definitions");
            for (Relation relation : relations.values()) {
                if (relation.isView()) {
                    detail(relation.oid, "definitionUnreadable", Sessions.sentence(e));
                }
            }
        }
        Sessions.run(connection, "RELEASE SAVEPOINT definitions");
    }

    private void addRelations() {
        Names names = new Names();
        Map<Long, String> lakeNames = new HashMap<>();
        for (Relation relation : relations.values()) {
            if (relation.isCopied()) {
                lakeNames.put(relation.oid, names.claim(relation.schema + "__" + relation.name));
            }
        }
        Comparator<Relation> byName =
                Comparator.comparing((Relation relation) -> relation.schema).thenComparing(relation -> relation.name);
        relations.values().stream()
                .filter(Relation::isCopied)
                .sorted(Comparator.comparingLong(Catalogue::bytes).reversed().thenComparing(byName))
                .forEach(relation -> {
                    objects.add(object(relation, lakeNames.get(relation.oid)));
                    addPartitions(relation, byName);
                });
        relations.values().stream()
                .filter(Relation::isView)
                .sorted(byName)
                .forEach(relation -> objects.add(object(relation, null)));
    }

    private void addPartitions(Relation parent, Comparator<Relation> order) {
        parent.children.stream()
                .filter(child -> child.isPartition)
                .sorted(order)
                .forEach(child -> {
                    objects.add(object(child, null));
                    addPartitions(child, order);
                });
    }

    private SourceObject object(Relation relation, @Nullable String lakeName) {
        List<SourceColumn> all = columns.getOrDefault(relation.oid, List.of());
        Map<String, String> about = details.getOrDefault(relation.oid, Map.of());
        List<SourceColumn> collected = all;
        if (lakeName != null && !relation.readable().isEmpty()) {
            List<String> refused = new ArrayList<>();
            collected = new ArrayList<>();
            for (int i = 0; i < all.size(); i++) {
                if (relation.attributes.get(i).readable()) {
                    collected.add(all.get(i));
                } else {
                    refused.add(all.get(i).name());
                }
            }
            if (!refused.isEmpty()) {
                about = new TreeMap<>(about);
                about.put("unreadableColumns", json(refused));
            }
        }
        if (lakeName != null && collected.isEmpty()) {
            collected = List.of(PostgresConnector.ROW_COLUMN);
        }
        return new SourceObject(
                kind(relation),
                relation.schema,
                relation.name,
                lakeName,
                relation.comment,
                collected,
                relation.isView() ? OptionalLong.empty() : rows(relation),
                relation.isView() ? OptionalLong.empty() : OptionalLong.of(bytes(relation)),
                about);
    }

    private static SourceObject.Kind kind(Relation relation) {
        if (relation.isPartition) {
            return SourceObject.Kind.PARTITION;
        }
        return switch (relation.kind) {
            case 'p' -> SourceObject.Kind.PARTITIONED_TABLE;
            case 'f' -> SourceObject.Kind.FOREIGN_TABLE;
            case 'v' -> SourceObject.Kind.VIEW;
            case 'm' -> SourceObject.Kind.MATERIALIZED_VIEW;
            default -> SourceObject.Kind.TABLE;
        };
    }

    private static long bytes(Relation relation) {
        return relation.leaves().stream()
                .mapToLong(leaf -> leaf.heapBytes + leaf.toastBytes)
                .sum();
    }

    /** The last known density over the present size; for a table never analysed, a guess from its columns. */
    private static OptionalLong rows(Relation relation) {
        long sum = 0;
        for (Relation leaf : relation.leaves()) {
            if (leaf.isForeign()) {
                if (leaf.tuples <= 0) {
                    return OptionalLong.empty();
                }
                sum += Math.round(leaf.tuples);
            } else if (leaf.pages > 0 && leaf.tuples >= 0) {
                sum += Math.round(leaf.tuples / leaf.pages * ((double) leaf.heapBytes / PAGE_BYTES));
            } else {
                sum += leaf.heapBytes
                        / (ROW_OVERHEAD
                                + GUESSED_VALUE_BYTES
                                        * relation.root().attributes.size());
            }
        }
        return OptionalLong.of(sum);
    }

    private void addSequences() throws SQLException {
        String sql = """
                SELECT %s AS schema, %s AS name, %s AS comment, %s AS owned_by, format_type(s.seqtypid, NULL) AS type,
                    s.seqstart, s.seqmin, s.seqmax, s.seqincrement, s.seqcycle, s.seqcache,
                    CASE WHEN has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'USAGE, SELECT')
                        THEN pg_sequence_last_value(c.oid) END AS last_value
                FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_sequence s ON s.seqrelid = c.oid
                LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
                LEFT JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.deptype IN ('a', 'i')
                    AND o.refclassid = 'pg_class'::regclass AND o.refobjsubid > 0
                LEFT JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
                LEFT JOIN pg_class t ON t.oid = o.refobjid
                LEFT JOIN pg_namespace m ON m.oid = t.relnamespace
                WHERE %s
                ORDER BY n.nspname, c.relname
                """.formatted(
                        text("n.nspname"),
                        text("c.relname"),
                        text("d.description"),
                        text("m.nspname || '.' || t.relname || '.' || a.attname"),
                        OF_USERS);
        query(sql, row -> {
            Map<String, String> about = new TreeMap<>();
            put(about, "type", row.getString("type"));
            put(about, "start", row.getString("seqstart"));
            put(about, "minimum", row.getString("seqmin"));
            put(about, "maximum", row.getString("seqmax"));
            put(about, "increment", row.getString("seqincrement"));
            put(about, "cycle", Boolean.toString(row.getBoolean("seqcycle")));
            put(about, "cache", row.getString("seqcache"));
            put(about, "lastValue", row.getString("last_value"));
            put(about, "ownedBy", value(row, "owned_by"));
            objects.add(recorded(SourceObject.Kind.SEQUENCE, row, List.of(), about));
        });
    }

    private void addTypes() throws SQLException {
        String sql = """
                SELECT %s AS schema, %s AS name, %s AS comment, t.typtype, t.typrelid,
                    %s AS labels, %s AS base, t.typnotnull, %s AS default_value, %s AS checks
                FROM pg_type t
                JOIN pg_namespace n ON n.oid = t.typnamespace
                LEFT JOIN pg_class c ON c.oid = t.typrelid
                LEFT JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid AND d.objsubid = 0
                LEFT JOIN (
                    SELECT enumtypid, json_agg(enumlabel ORDER BY enumsortorder)::text AS labels
                    FROM pg_enum GROUP BY enumtypid) AS e ON e.enumtypid = t.oid
                LEFT JOIN (
                    SELECT contypid, json_agg(pg_get_constraintdef(oid) ORDER BY conname)::text AS checks
                    FROM pg_constraint WHERE contypid <> 0 AND contype = 'c' GROUP BY contypid) AS k ON k.contypid = t.oid
                WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                    AND (t.typtype IN ('e', 'd') OR t.typtype = 'c' AND c.relkind = 'c')
                ORDER BY n.nspname, t.typname
                """.formatted(
                        text("n.nspname"),
                        text("t.typname"),
                        text("d.description"),
                        text("e.labels"),
                        text("CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END"),
                        text("t.typdefault"),
                        text("k.checks"));
        query(sql, row -> {
            Map<String, String> about = new TreeMap<>();
            switch (letter(row, "typtype")) {
                case 'e' -> {
                    put(about, "labels", value(row, "labels"));
                    objects.add(recorded(SourceObject.Kind.ENUM, row, List.of(), about));
                }
                case 'd' -> {
                    put(about, "baseType", value(row, "base"));
                    put(about, "default", value(row, "default_value"));
                    put(about, "checks", value(row, "checks"));
                    put(about, "nullable", Boolean.toString(!row.getBoolean("typnotnull")));
                    objects.add(recorded(SourceObject.Kind.DOMAIN, row, List.of(), about));
                }
                default ->
                    objects.add(recorded(
                            SourceObject.Kind.COMPOSITE_TYPE,
                            row,
                            columns.getOrDefault(row.getLong("typrelid"), List.of()),
                            about));
            }
        });
    }

    private SourceObject recorded(
            SourceObject.Kind kind, ResultSet row, List<SourceColumn> members, Map<String, String> about)
            throws SQLException {
        return new SourceObject(
                kind,
                needed(row, "schema"),
                needed(row, "name"),
                null,
                value(row, "comment"),
                members,
                OptionalLong.empty(),
                OptionalLong.empty(),
                about);
    }

    private void detail(long oid, String name, @Nullable String value) {
        put(details.computeIfAbsent(oid, any -> new TreeMap<>()), name, value);
    }

    private static void put(Map<String, String> map, String name, @Nullable String value) {
        if (value != null) {
            map.put(name, value);
        }
    }

    private static String json(Object value) {
        return JsonMapper.shared().writeValueAsString(value);
    }

    /** A text expression; where the database does not know its encoding it is fetched as hexadecimal bytes. */
    private String text(String expression) {
        return ascii ? "encode(convert_to((" + expression + ")::text, 'SQL_ASCII'), 'hex')" : expression;
    }

    private String needed(ResultSet row, String name) throws SQLException {
        String value = value(row, name);
        if (value == null) {
            throw new IllegalStateException("The catalogue has no " + name);
        }
        return value;
    }

    private @Nullable String value(ResultSet row, String name) throws SQLException {
        String value = row.getString(name);
        if (value == null || !ascii) {
            return value;
        }
        byte[] bytes = HexFormat.of().parseHex(value);
        try {
            return decoded(bytes, StandardCharsets.UTF_8);
        } catch (CharacterCodingException notUtf8) {
            return new String(bytes, Charset.forName("GB18030"));
        }
    }

    private boolean isUtf8(ResultSet row, String name) throws SQLException {
        String value = row.getString(name);
        if (value == null || !ascii) {
            return true;
        }
        try {
            decoded(HexFormat.of().parseHex(value), StandardCharsets.UTF_8);
            return true;
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
    }

    private static String decoded(byte[] bytes, Charset charset) throws CharacterCodingException {
        return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }

    /** A {@code "char"} of the catalogue; a space when it is empty. */
    private static char letter(ResultSet row, String name) throws SQLException {
        String value = row.getString(name);
        return value == null || value.isEmpty() || value.charAt(0) == 0 ? ' ' : value.charAt(0);
    }

    private void query(String sql, RowHandler handler) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                handler.take(row);
            }
        }
    }

    @FunctionalInterface
    private interface RowHandler {
        void take(ResultSet row) throws SQLException;
    }

    private record Domain(long base, int modifier, char kind, int length) {}
}
