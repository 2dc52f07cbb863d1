package org.qiantang.collect.internal.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.lake.LakeType;

/**
 * What is asked of the server for one part, and how the answer is to be decoded.
 *
 * <p>Ordinary tables are asked for their columns and nothing else. Where a value may be larger than is taken, the server itself puts null
 * in its place, and a last column, the note, says where the row is and what was left out.
 *
 * @param sql the COPY statement
 * @param count what asks for the number of rows alone
 * @param fields one per column of the lake, in order
 * @param hasNote whether the note follows the fields
 * @param checksText whether text must be checked for being UTF-8
 * @param name what the rows' places are relative to; empty unless the part is a partition
 * @param rewritten a query that answers true when a relation was truncated or rewritten since the snapshot
 */
record CopyQuery(
        String sql,
        String count,
        List<Field> fields,
        boolean hasNote,
        boolean checksText,
        boolean countsRows,
        String object,
        String name,
        String rewritten) {

    /** Compression makes a value at most this many times smaller, so a smaller TOAST table cannot hold one that is too large. */
    private static final long BEST_COMPRESSION = 256;

    /** What a refused value shows of itself, in characters. */
    private static final int EXCERPT = 1_000;

    /** How a column travels. */
    record Field(String name, String lakeName, Wire wire, LakeType type) {}

    private record Selected(Field field, String expression, boolean isVaried) {}

    /**
     * The query for a part.
     *
     * @param object the object whose columns are followed
     * @param relation the object's relation, which has the columns
     * @param leaf the relation that is read: the same, or a partition
     */
    static CopyQuery of(
            SourceObject object, Relation relation, Relation leaf, Slice slice, boolean ascii, long largestValue) {
        boolean countsRows = object.columns().equals(List.of(PostgresConnector.ROW_COLUMN));
        long toast = leaf.leaves().stream()
                .mapToLong(each -> each.isForeign() ? Long.MAX_VALUE : each.toastBytes)
                .max()
                .orElse(0);
        boolean guarded = toast > largestValue / BEST_COMPRESSION;
        List<Selected> selected = countsRows ? List.of() : selected(object, relation, guarded, ascii);
        guarded &= selected.stream().anyMatch(Selected::isVaried);

        String from = " FROM " + (leaf.isPartitioned() ? "" : "ONLY ") + leaf.quotedName() + " AS t";
        String where = switch (slice) {
            case Slice.Whole ignored -> "";
            case Slice.Pages pages ->
                " WHERE t.ctid >= '(" + pages.from() + ",0)'::tid"
                        + (pages.to() == Slice.OPEN ? "" : " AND t.ctid < '(" + pages.to() + ",0)'::tid");
        };
        String count = "SELECT count(*)" + from + where;
        boolean hasNote = guarded || ascii && !countsRows;
        List<String> targets = new ArrayList<>();
        if (guarded) {
            targets.addAll(guarded(selected, place(leaf), ascii, largestValue));
            from += measured(selected, largestValue);
        } else {
            selected.forEach(each -> targets.add(sent(each, each.expression, ascii)));
            if (hasNote) {
                targets.add(bytes(note(place(leaf)), ascii));
            }
        }
        return new CopyQuery(
                "COPY (SELECT " + String.join(", ", targets) + from + where + ") TO STDOUT (FORMAT binary)",
                count,
                selected.stream().map(Selected::field).toList(),
                hasNote,
                ascii,
                countsRows,
                object.qualifiedName(),
                leaf.oid == relation.oid ? "" : leaf.qualifiedName() + " ",
                rewritten(leaf));
    }

    private static List<Selected> selected(SourceObject object, Relation relation, boolean guarded, boolean ascii) {
        Map<String, Relation.Attribute> attributes =
                relation.attributes.stream().collect(Collectors.toMap(Relation.Attribute::name, Function.identity()));
        List<Selected> selected = new ArrayList<>();
        for (SourceColumn column : object.columns()) {
            Relation.Attribute attribute = attributes.get(column.name());
            if (attribute == null) {
                throw new IllegalArgumentException("No column " + column.name() + " in " + object.qualifiedName());
            }
            LakeType type = column.column().type();
            Wire wire = attribute.wire();
            boolean isVaried = attribute.isVaried()
                    && switch (wire) {
                        case TEXT, BYTEA, JSONB, CAST -> true;
                        default -> false;
                    };
            String expression = "t." + Names.quoted(column.name());
            boolean cast = wire == Wire.CAST
                    || type.equals(LakeType.TEXT) && !attribute.lakeType().equals(LakeType.TEXT)
                    || guarded && (wire == Wire.JSONB || attribute.isJson());
            if (ascii && attribute.isPadded()) {
                // Here it must become text to become bytes, and the cast would strip the padding.
                expression = "CASE WHEN " + expression + " IS NOT NULL THEN format('%s', " + expression + ") END";
            } else if (cast || ascii && wire == Wire.JSONB) {
                expression += "::text";
                wire = Wire.TEXT;
            }
            selected.add(
                    new Selected(new Field(column.name(), column.column().name(), wire, type), expression, isVaried));
        }
        return selected;
    }

    /** Values and their sizes, computed once per row; OFFSET 0 keeps the planner from computing them at each mention. */
    private static String measured(List<Selected> selected, long largestValue) {
        List<String> values = new ArrayList<>();
        List<String> sizes = new ArrayList<>();
        List<String> accepted = new ArrayList<>();
        for (int i = 0; i < selected.size(); i++) {
            if (selected.get(i).isVaried) {
                values.add(selected.get(i).expression + " AS v" + i);
                sizes.add("coalesce(octet_length(v.v" + i + "), 0)::bigint AS s" + i);
                accepted.add("CASE WHEN s.s" + i + " <= " + largestValue + " THEN s.s" + i + " ELSE 0 END");
            }
        }
        return " CROSS JOIN LATERAL (SELECT " + String.join(", ", values)
                + " OFFSET 0) AS v CROSS JOIN LATERAL (SELECT "
                + String.join(", ", sizes) + " OFFSET 0) AS s CROSS JOIN LATERAL (SELECT "
                + String.join(" + ", accepted) + " AS total OFFSET 0) AS a";
    }

    /**
     * A value is refused when it is too large, or when it has more than its share of a row whose other values together are.
     */
    private static List<String> guarded(List<Selected> selected, String place, boolean ascii, long largestValue) {
        long share = largestValue / selected.stream().filter(Selected::isVaried).count();
        List<String> targets = new ArrayList<>();
        List<String> refusals = new ArrayList<>();
        for (int i = 0; i < selected.size(); i++) {
            Selected each = selected.get(i);
            if (!each.isVaried) {
                targets.add(each.expression);
                continue;
            }
            String refused =
                    "(s.s%d > %d OR a.total > %d AND s.s%d > %d)".formatted(i, largestValue, largestValue, i, share);
            String excerpt = each.field.wire == Wire.BYTEA
                    ? "'\\x' || encode(substr(v.v%d, 1, %d), 'hex')".formatted(i, EXCERPT / 2 - 1)
                    : "left(v.v%d::text, %d)".formatted(i, EXCERPT);
            targets.add("CASE WHEN " + refused + " THEN NULL ELSE " + sent(each, "v.v" + i, ascii) + " END");
            refusals.add("CASE WHEN " + refused + " THEN '" + i + " ' || s.s" + i + " || ' ' || " + note(excerpt)
                    + " ELSE '' END");
        }
        String refused = "(" + String.join(" || ", refusals) + ")";
        targets.add(bytes(note(place) + " || " + (ascii ? refused : "nullif(" + refused + ", '')"), ascii));
        return targets;
    }

    private static String sent(Selected selected, String expression, boolean ascii) {
        return selected.field.wire == Wire.TEXT ? bytes(expression, ascii) : expression;
    }

    /** The server sends no text that is not valid in the client's encoding, but it sends its bytes. */
    private static String bytes(String text, boolean ascii) {
        return ascii ? "convert_to((" + text + ")::text, 'SQL_ASCII')" : text;
    }

    /** A text preceded by its length in bytes and a space. */
    private static String note(String text) {
        return "octet_length(" + text + ") || ' ' || (" + text + ")";
    }

    /** Where a row stands: page and tuple where the account may see them. */
    private static String place(Relation leaf) {
        if (leaf.isForeign() || !leaf.access.select()) {
            return "''::text";
        }
        return leaf.isPartitioned() ? "(t.tableoid::regclass::text || ' ' || t.ctid::text)" : "t.ctid::text";
    }

    /**
     * A truncated or rewritten table looks empty to an older snapshot, and its rows have moved: the file it is in now against the one
     * the snapshot knows.
     */
    private static String rewritten(Relation leaf) {
        String oids = leaf.leaves().stream()
                .filter(each -> each.kind == 'r')
                .map(each -> "" + each.oid)
                .collect(Collectors.joining(", "));
        return oids.isEmpty()
                ? ""
                : "SELECT coalesce(bool_or(pg_relation_filenode(c.oid) IS DISTINCT FROM c.relfilenode), false)"
                        + " FROM pg_class c WHERE c.oid IN (" + oids + ") AND c.relfilenode <> 0";
    }
}
