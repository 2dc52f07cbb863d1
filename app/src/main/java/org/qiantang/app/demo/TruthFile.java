package org.qiantang.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code truth.json}: what is true in the demo city, for those who judge what Qiantang finds. Written last, so that its presence also says
 * that everything else is there.
 */
final class TruthFile {
    static final int VERSION = 1;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private TruthFile() {}

    /** A column that leads to another table's column. */
    record Relation(End from, End to, boolean declared) {}

    /** One side of a relation. */
    record End(String source, String table, String column) {}

    /** A file of a folder source. */
    record Written(String source, String file, long bytes, String sha256) {}

    static void write(City city, Truth truth, List<Written> files, Path path) throws IOException {
        Path part = path.resolveSibling(path.getFileName() + ".part");
        Files.writeString(part, JSON.writeValueAsString(content(city, truth, files)) + "\n");
        Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** What a truth file says it belongs to; empty when it is absent or not one of this version. */
    static Optional<JsonNode> read(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            return Optional.empty();
        }
        try {
            JsonNode node = JSON.readTree(Files.readString(path));
            return node.path("version").asInt(0) == VERSION ? Optional.of(node) : Optional.empty();
        } catch (JacksonException broken) {
            return Optional.empty();
        }
    }

    static List<Written> filesOf(Path folder, SourceSystem source) throws IOException {
        List<Path> paths;
        try (Stream<Path> all = Files.list(folder.resolve(source.name()))) {
            paths = all.sorted().toList();
        }
        List<Written> written = new ArrayList<>();
        for (Path path : paths) {
            written.add(new Written(source.name(), path.getFileName().toString(), Files.size(path), sha256(path)));
        }
        return written;
    }

    /** All relations between tables the city has, the declared foreign keys and those nobody wrote down. */
    static List<Relation> relations(CityFolder folder) {
        List<Relation> relations = new ArrayList<>();
        for (SourceSystem source : folder.systems()) {
            for (Table table : source.tables()) {
                for (Column column : table.columns()) {
                    String references = column.references();
                    if (references == null) {
                        continue;
                    }
                    String[] parts = references.split("\\.");
                    SourceSystem other =
                            parts.length == 3 ? folder.findSystem(parts[0]).orElse(null) : source;
                    if (other == null) {
                        continue;
                    }
                    Table target = other.table(parts[parts.length - 2]);
                    String targetColumn = target.columns()
                            .get(target.indexOf(parts[parts.length - 1]))
                            .name();
                    boolean declared = column.isForeignKey() && source.kind() == DemoSource.Kind.POSTGRES;
                    relations.add(new Relation(
                            new End(source.name(), Truth.qualified(table), column.name()),
                            new End(other.name(), Truth.qualified(target), targetColumn),
                            declared));
                }
            }
        }
        return relations;
    }

    static Map<String, @Nullable Object> content(City city, Truth truth, List<Written> files) {
        Map<String, @Nullable Object> root = new LinkedHashMap<>();
        root.put("version", VERSION);
        root.put("seed", city.seed());
        root.put("scale", city.scale());
        root.put("referenceDate", Days.text(Days.TODAY));
        root.put("departments", city.folder().departments());
        root.put("rows", truth.rows());
        root.put("files", files);
        root.put("relations", relations(city.folder()));
        root.put(
                "planted",
                truth.entries(city.folder()).stream().map(TruthFile::entry).toList());
        root.put("raggedLines", truth.raggedLines());
        root.put("episodes", List.of(episode(city)));
        return root;
    }

    private static Map<String, @Nullable Object> entry(Truth.Entry entry) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("id", entry.id());
        map.put("group", entry.plant().group().name());
        map.put("kind", entry.plant().name());
        map.put("zh", entry.plant().zh());
        map.put("en", entry.plant().en());
        map.put("rows", entry.places().stream().map(TruthFile::place).toList());
        return map;
    }

    private static Map<String, @Nullable Object> place(Truth.Place place) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("part", place.part().name());
        map.put("source", place.source());
        map.put("table", place.table());
        map.put("key", place.key());
        map.put("values", place.values());
        return map;
    }

    /** The dust that the wind carried over the stations: when it reached each of them, when it was worst, when it was gone. */
    static Map<String, @Nullable Object> episode(City city) {
        Air air = new Air(city);
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("id", "PM25-2026-10");
        map.put("pollutant", "pm25");
        map.put("source", "environment");
        map.put("table", "public.air_hourly");
        map.put("windFromDegrees", Air.EPISODE_WIND_DEGREES);
        map.put("speedKmPerHour", Air.EPISODE_SPEED_KM_PER_HOUR);
        map.put("zh", "细颗粒物污染自东北向西南传输");
        map.put("en", "Fine dust carried from north-east to south-west");
        List<Map<String, @Nullable Object>> stations = new ArrayList<>();
        int[] values = new int[Air.VALUES];
        List<Air.Station> sorted = new ArrayList<>(air.stations());
        sorted.sort((a, b) -> Double.compare(a.downwindKm(), b.downwindKm()));
        for (Air.Station station : sorted) {
            long worst = 0;
            int peak = 0;
            for (long hour = air.episodeStart(station); hour < air.episodeEnd(station); hour++) {
                air.measure(station, hour, air.shared(hour), values);
                if (values[Air.PM25] > peak) {
                    peak = values[Air.PM25];
                    worst = hour;
                }
            }
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("station", station.code());
            one.put("downwindKm", station.downwindKm());
            one.put("start", hourText(air.episodeStart(station)));
            one.put("peak", hourText(worst));
            one.put("end", hourText(air.episodeEnd(station)));
            one.put("peakMicrogramsPerCubicMetre", peak);
            stations.add(one);
        }
        map.put("stations", stations);
        return map;
    }

    private static String hourText(long hour) {
        StringBuilder out = new StringBuilder();
        Days.appendTime(hour * 3_600, out);
        return out.toString();
    }

    private static String sha256(Path path) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(path), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("Every Java has SHA-256", missing);
        }
    }
}
