package org.qiantang.collect.internal.files;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector;
import org.qiantang.collect.internal.files.FileTables.Found;
import org.qiantang.core.Problem;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;

/**
 * The files a department hands over, in a folder or one alone: text files, workbooks and archives of them become tables, and whatever
 * else lies there is named with the reason why it does not. Each file is read through once on discovery, which is how its types can be
 * trusted.
 */
public final class FolderConnector implements Connector {
    private final String product;
    private final Listed listed;
    private final Spool spool;
    private final Runnable release;
    private final String position;
    private @Nullable Map<String, Found> found;
    private List<SourceObject> objects = List.of();

    private FolderConnector(String product, Listed listed, Spool spool, Runnable release) {
        this.product = product;
        this.release = release;
        this.listed = new Listed(
                listed.files().stream()
                        .sorted(Comparator.comparing(FileBytes::relative))
                        .toList(),
                listed.others().stream()
                        .sorted(Comparator.comparing(Listed.Skipped::relative))
                        .toList());
        this.spool = spool;
        position = Instant.now().truncatedTo(ChronoUnit.MILLIS) + " sha256:" + fingerprint(this.listed);
    }

    /** Lists a folder of this machine with all folders in it, or takes the one file; nothing is read yet. */
    public static FolderConnector open(Path folderOrFile) {
        return new FolderConnector("folder", FolderListing.of(folderOrFile), new Spool(), () -> {});
    }

    /** Lists a folder on another machine; each file is fetched before it is read, and no more of them are kept than needed. */
    public static FolderConnector open(SourceAccess access) {
        RemoteFolder remote = switch (access.kind()) {
            case SFTP -> SftpFolder.open(access);
            case WEBDAV -> WebDavFolder.open(access);
            case S3 -> S3Folder.open(access);
            case PLATFORM -> PlatformFolder.open(access);
            default -> throw new IllegalArgumentException("No folder is " + access.kind());
        };
        try {
            Spool spool = new Spool();
            RemoteFolder.Listing listing = remote.list();
            List<RemoteFile> files = listing.files().stream()
                    .map(entry -> new RemoteFile(remote, entry, spool))
                    .toList();
            return new FolderConnector(remote.product(), new Listed(files, listing.others()), spool, remote::close);
        } catch (IOException e) {
            remote.close();
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", FileTables.explain(e));
        } catch (RuntimeException e) {
            remote.close();
            throw e;
        }
    }

    /** The web address of another platform, whose resources are read as files. */
    public static URI platformAddress(String location) {
        return URI.create(PlatformFolder.address(location));
    }

    @Override
    public String product() {
        return product;
    }

    @Override
    public String version() {
        return "";
    }

    @Override
    public String position() {
        return position;
    }

    @Override
    public synchronized List<SourceObject> discover() {
        if (found == null) {
            FileTables tables = new FileTables(spool);
            List<Found> all = new ArrayList<>();
            listed.files().forEach(file -> all.addAll(tables.of(file)));
            listed.others().forEach(other -> all.add(Found.unreadable(other)));
            all.sort(Comparator.comparing(Found::relative));
            found = name(all);
        }
        return objects;
    }

    @Override
    public Optional<Unreadable> unreadable(SourceObject object) {
        return Optional.ofNullable(find(object).unreadable());
    }

    @Override
    public List<Part> parts(SourceObject object) {
        return find(object).table() == null
                ? List.of()
                : List.of(new Part(object.name(), object.estimatedBytes().orElse(1)));
    }

    @Override
    public PartReader open(SourceObject object, Part part, Consumer<RejectedRow> rejects) throws IOException {
        FileTable table = find(object).table();
        if (table == null) {
            throw new IllegalArgumentException("Nothing to read in " + object.qualifiedName());
        }
        return table.open(object.columns(), rejects);
    }

    @Override
    public SourceObject asText(SourceObject object, String lakeColumn) {
        List<SourceColumn> columns = new ArrayList<>();
        for (SourceColumn column : object.columns()) {
            Column lake = column.column();
            columns.add(
                    lake.name().equals(lakeColumn)
                            ? new SourceColumn(
                                    column.name(),
                                    new Column(lake.name(), LakeType.TEXT, lake.sourceType(), lake.comment()),
                                    column.nullable(),
                                    column.details())
                            : column);
        }
        return new SourceObject(
                object.kind(),
                object.schema(),
                object.name(),
                object.lakeName(),
                object.comment(),
                columns,
                object.estimatedRows(),
                object.estimatedBytes(),
                object.details());
    }

    @Override
    public void close() {
        spool.close();
        release.run();
    }

    private Found find(SourceObject object) {
        discover();
        Found file = requireNonNull(found, "found is null").get(object.qualifiedName());
        if (file == null) {
            throw new IllegalArgumentException("No such file in this folder: " + object.qualifiedName());
        }
        return file;
    }

    /** Gives every entry its names at the source and in the lake; tables choose before what cannot be read. */
    private Map<String, Found> name(List<Found> all) {
        Map<String, Long> perFile = new HashMap<>();
        for (Found one : all) {
            if (!one.isBlank()) {
                perFile.merge(one.relative(), 1L, Long::sum);
            }
        }
        Names lakeNames = new Names();
        Map<Found, String> chosen = new java.util.IdentityHashMap<>();
        for (Found one : all) {
            if (one.table() != null) {
                chosen.put(one, lakeNames.unique(lakeName(one, perFile)));
            }
        }
        for (Found one : all) {
            if (one.unreadable() != null) {
                chosen.put(one, lakeNames.unique(lakeName(one, perFile)));
            }
        }
        Map<String, Found> byName = new LinkedHashMap<>();
        List<SourceObject> list = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (Found one : all) {
            int archive = one.relative().indexOf("!/");
            int slash =
                    one.relative().lastIndexOf('/', archive < 0 ? one.relative().length() : archive);
            String schema = slash < 0 ? "" : one.relative().substring(0, slash);
            String own = one.relative().substring(slash + 1) + (one.sheet().isEmpty() ? "" : "#" + one.sheet());
            String name = own;
            for (int n = 2; !taken.add(schema.isEmpty() ? name : schema + "." + name); n++) {
                name = own + " (" + n + ")";
            }
            Map<String, String> details = new LinkedHashMap<>(one.details());
            details.put("path", one.relative());
            Unreadable why = one.unreadable();
            if (why != null) {
                details.put("unreadable", why.code());
                details.put("reason", why.reason());
            }
            SourceObject object = new SourceObject(
                    one.sheet().isEmpty() ? SourceObject.Kind.FILE : SourceObject.Kind.SHEET,
                    schema,
                    name,
                    chosen.get(one),
                    null,
                    one.table() == null ? List.of() : one.table().columns(),
                    one.table() == null
                            ? OptionalLong.empty()
                            : OptionalLong.of(one.table().rows()),
                    OptionalLong.of(one.bytes()),
                    details);
            list.add(object);
            byName.put(object.qualifiedName(), one);
        }
        objects = List.copyOf(list);
        return byName;
    }

    private static String lakeName(Found one, Map<String, Long> perFile) {
        int slash = one.relative().lastIndexOf('/');
        StringBuilder name = new StringBuilder();
        if (slash > 0) {
            for (String folder : one.relative().substring(0, slash).split("/")) {
                boolean archive = folder.endsWith("!");
                String step = archive ? Content.stem(folder.substring(0, folder.length() - 1)) : folder;
                if (!step.isEmpty() && !step.equals(".") && !step.equals("..")) {
                    name.append(step).append("__");
                }
            }
        }
        name.append(Content.stem(one.relative().substring(slash + 1)));
        if (!one.sheet().isEmpty() && perFile.getOrDefault(one.relative(), 1L) > 1) {
            name.append("__").append(Names.clean(one.sheet()));
        }
        return Names.clean(name.toString());
    }

    private static String fingerprint(Listed listed) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (FileBytes file : listed.files()) {
                digest.update((file.relative() + "\0" + file.version() + "\n").getBytes(StandardCharsets.UTF_8));
            }
            for (Listed.Skipped other : listed.others()) {
                digest.update((other.relative() + "\0" + other.why() + "\n").getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
