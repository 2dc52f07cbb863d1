package org.qiantang.quality;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.ContentKind;
import org.qiantang.catalog.Entries;
import org.qiantang.catalog.Entry;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Level;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.Withheld;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Resident;
import org.qiantang.org.Residents;
import org.springframework.stereotype.Service;

/**
 * What the city holds about whoever asks, found by the number their account is bound to and by nothing else (PIPL Art. 45). Only what is
 * published in the directory is looked through.
 */
@Service
public final class OwnRecords {
    private static final String PURPOSE = "own-records";
    private static final int MOST_RECORDS = 50;
    private static final Set<ContentKind> TELLING =
            EnumSet.of(ContentKind.ID_NUMBER, ContentKind.ID_DOCUMENT, ContentKind.NAME, ContentKind.PHONE);

    private final Entries entries;
    private final Resources resources;
    private final Residents residents;
    private final Withheld withheld;
    private final LakeReader reader;

    OwnRecords(Entries entries, Resources resources, Residents residents, Withheld withheld, LakeReader reader) {
        this.entries = entries;
        this.resources = resources;
        this.residents = residents;
        this.withheld = withheld;
        this.reader = reader;
    }

    /**
     * A published entry in which there may be records about somebody.
     *
     * @param withheld the law that keeps them from whom they are about; null where none does
     */
    public record About(
            UUID entry,
            String title,
            String summary,
            Department provider,
            @Nullable String withheld) {}

    /**
     * A record about whoever asks.
     *
     * @param ref by which it is named again; of no use to anybody else
     */
    public record OwnRecord(String ref, List<Shown> items) {
        public OwnRecord {
            items = List.copyOf(items);
        }
    }

    /**
     * A value of a record.
     *
     * @param hidden whether it is kept back: it is too sensitive for a screen, or about somebody else
     */
    public record Shown(
            String column, String title, @Nullable String value, boolean hidden) {}

    /** A record with all that is in it; never leaves the hub. */
    record Found(String ref, Map<String, @Nullable String> values, Map<String, String> keys) {
        @Override
        public String toString() {
            return "Found[" + ref + "]";
        }
    }

    /** What there may be records in, by title. */
    public List<About> list(Account who) {
        Resident resident = resident(who);
        Map<UUID, String> laws = withheld.laws();
        return entries.listPublished(content(resident.kind())).stream()
                .map(entry -> new About(
                        entry.id(),
                        entry.statement().title(),
                        entry.statement().summary(),
                        entry.provider(),
                        laws.get(entry.resource())))
                .toList();
    }

    /** The records about whoever asks. */
    public List<OwnRecord> records(Account who, UUID entry) {
        Entry published = published(entry);
        Resource.Whole resource = resources.getWhole(requireNonNull(published.resource()));
        boolean alone = isAboutOnePerson(resource.columns());
        Map<String, String> titles = titles(published);
        boolean person = resident(who).kind() == Resident.Kind.PERSON;
        return find(who, published).stream()
                .map(found -> new OwnRecord(
                        found.ref,
                        resource.columns().stream()
                                .map(field -> {
                                    boolean hidden = field.level() == Level.L4
                                            || field.level() == Level.L3 && !(alone && person);
                                    return new Shown(
                                            field.name(),
                                            titles.getOrDefault(field.name(), field.name()),
                                            hidden ? null : found.values.get(field.name()),
                                            hidden);
                                })
                                .toList()))
                .toList();
    }

    /** A second number, name or phone is somebody else's. */
    private static boolean isAboutOnePerson(List<Resource.Field> fields) {
        Set<ContentKind> seen = EnumSet.noneOf(ContentKind.class);
        for (Resource.Field field : fields) {
            Resource.Detected detected = field.detected();
            if (detected != null && TELLING.contains(detected.kind()) && !seen.add(detected.kind())) {
                return false;
            }
        }
        return true;
    }

    Entry published(UUID entry) {
        Entry found = entries.get(entry);
        boolean stands = (found.state() == Entry.State.PUBLISHED || found.state() == Entry.State.CHANGED)
                && found.resource() != null;
        if (!stands) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", entry.toString());
        }
        return found;
    }

    /** One of the records about whoever asks. */
    Found get(Account who, Entry entry, String ref) {
        return find(who, entry).stream()
                .filter(found -> found.ref.equals(ref))
                .findFirst()
                .orElseThrow(() -> new Problem(QualityProblem.NOT_ABOUT_YOU));
    }

    static Map<String, String> titles(Entry entry) {
        Map<String, String> titles = new HashMap<>();
        entry.statement().items().forEach(item -> {
            String column = item.column();
            if (column != null) {
                titles.put(column, item.name());
            }
        });
        return titles;
    }

    private List<Found> find(Account who, Entry entry) {
        Resident resident = resident(who);
        String law = withheld.laws().get(entry.resource());
        if (law != null) {
            throw new Problem(QualityProblem.KEPT_BY_LAW, "law", law);
        }
        Resource.Whole whole = resources.getWhole(requireNonNull(entry.resource()));
        List<Found> found = new ArrayList<>();
        if (whole.resource().snapshotId() == null) {
            return found;
        }
        List<String> identities = columns(whole.resource().id(), resident.kind());
        if (identities.isEmpty()) {
            return found;
        }
        String sql = RuleSql.recordsOf(Rules.tableName(whole.resource().lakeTable()), identities, resident.number());
        List<String> header = new ArrayList<>();
        List<List<@Nullable String>> rows = new ArrayList<>();
        reader.readInClear(who.username(), PURPOSE, new Query(sql, null, MOST_RECORDS, Map.of()), new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                columns.forEach(column -> header.add(column.name()));
            }

            @Override
            public void row(List<@Nullable String> values) {
                rows.add(new ArrayList<>(values));
            }
        });
        List<String> keyColumns = whole.columns().stream()
                .filter(Resource.Field::key)
                .map(Resource.Field::name)
                .toList();
        for (List<@Nullable String> row : rows) {
            Map<String, @Nullable String> values = new LinkedHashMap<>();
            for (int i = 0; i < header.size(); i++) {
                values.put(header.get(i), row.get(i));
            }
            Map<String, String> keys = keys(values, keyColumns.isEmpty() ? identities : keyColumns);
            found.add(new Found(ref(who, keyColumns.isEmpty() ? values : new LinkedHashMap<>(keys)), values, keys));
        }
        return found;
    }

    private static Map<String, String> keys(Map<String, @Nullable String> values, List<String> columns) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (String column : columns) {
            String value = values.get(column);
            if (value != null) {
                keys.put(column, value);
            }
        }
        return keys;
    }

    private static String ref(Account who, Map<String, ? extends @Nullable String> values) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(who.username().getBytes(UTF_8));
            values.forEach((column, value) -> {
                digest.update((byte) 0);
                digest.update(column.getBytes(UTF_8));
                digest.update((byte) (value == null ? 1 : 2));
                digest.update(String.valueOf(value).getBytes(UTF_8));
            });
            return HexFormat.of().formatHex(digest.digest(), 0, 16);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("Every Java has SHA-256", missing);
        }
    }

    private Resident resident(Account who) {
        return residents.find(who).orElseThrow(() -> new Problem(QualityProblem.NOT_IDENTIFIED));
    }

    private List<String> columns(UUID resource, Resident.Kind kind) {
        return resources.getWhole(resource).columns().stream()
                .filter(field -> is(field, kind))
                .map(Resource.Field::name)
                .toList();
    }

    private static boolean is(Resource.Field field, Resident.Kind kind) {
        Resource.Detected detected = field.detected();
        return detected != null && detected.kind() == content(kind);
    }

    private static ContentKind content(Resident.Kind kind) {
        return switch (kind) {
            case PERSON -> ContentKind.ID_NUMBER;
            case LEGAL_PERSON -> ContentKind.USCC;
        };
    }
}
