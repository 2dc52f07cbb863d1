package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a peer has told of the tables that are followed, between its arrival and the lake: safe on the disk before the peer hears that we have
 * it, gone once it is in the lake. The hub writes the batches of a step one after the other and hands the step over when it is whole, under a
 * number that is greater than those before; the worker sees whole steps alone.
 *
 * <p>One writer and one reader at a time.
 */
public final class PeerSpool {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int NUMBER_LENGTH = 16;
    private static final String BATCH = ".batch";
    private static final String UNFINISHED = ".tmp";
    private static final String TAKEN = "taken-";

    private final Path incoming;
    private final Path ready;
    private final Path tables;

    /** @param folder of one source; made when something comes */
    public PeerSpool(Path folder) {
        incoming = folder.resolve("incoming");
        ready = folder.resolve("ready");
        tables = folder.resolve("tables");
    }

    /** What is not as it was written, or not there. */
    public static final class Damaged extends RuntimeException {
        Damaged(String message) {
            super(message);
        }
    }

    /**
     * A column as the peer shows it.
     *
     * @param type a {@link LakeType#label()}
     */
    public record ShownColumn(
            String name, String type, @Nullable String comment) {
        public ShownColumn {
            requireNonNull(name, "name is null");
            LakeType.of(type);
        }

        public Column column() {
            return new Column(name, LakeType.of(type), type, comment);
        }
    }

    /**
     * A table as its peer shows it.
     *
     * @param lakeName its name in the lake
     * @param object its name at the peer
     * @param key names of columns that tell rows apart; none: a row is all that it says
     */
    public record ShownTable(
            String lakeName, String object, String title, List<ShownColumn> columns, List<String> key) {
        public ShownTable {
            requireNonNull(lakeName, "lakeName is null");
            requireNonNull(object, "object is null");
            columns = List.copyOf(columns);
            key = List.copyOf(key);
        }
    }

    /**
     * What stands before the changes of a batch.
     *
     * @param position the peer's position behind it
     * @param whole whether its step is the whole table anew
     * @param rows so many the whole has
     * @param changes in this batch
     * @param at when the peer made the step
     * @param sha256 of the changes as they stand in the file
     */
    public record Head(
            ShownTable table, String position, boolean whole, long rows, int changes, Instant at, String sha256) {
        /** Before its changes are known. */
        public static Head of(ShownTable table, String position, boolean whole, long rows, Instant at) {
            return new Head(table, position, whole, rows, 0, at, "");
        }
    }

    /** How a row changes. */
    public enum Operation {
        DELETE,
        UPDATE,
        INSERT,
    }

    /** @param values in the order of the table's columns, each as its exact text */
    public record Change(Operation operation, List<@Nullable String> values) {}

    /** A step that is whole. */
    public record Step(long sequence, Head head) {
        /** As positions of a follower are compared. */
        public String position() {
            return positionOf(sequence);
        }

        /** Behind it. */
        public String end() {
            return positionOf(sequence + 1);
        }
    }

    /** Of two steps the later has the greater text. */
    public static String positionOf(long sequence) {
        return String.format("%0" + NUMBER_LENGTH + "d", sequence);
    }

    /**
     * Once this returns the batch survives a power loss.
     *
     * @param changes of each {@code I}, {@code U} or {@code D}, and the values in the order of the columns
     */
    public void write(UUID follow, long number, Head head, List<List<@Nullable String>> changes) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (List<@Nullable String> change : changes) {
            lines.writeBytes(JSON.writeValueAsBytes(change));
            lines.write('\n');
        }
        Head summed = new Head(
                head.table, head.position, head.whole, head.rows, changes.size(), head.at, hash(lines.toByteArray()));
        Path file = file(follow, number);
        try {
            Files.createDirectories(requireNonNull(file.getParent(), "it is in a folder"));
            force(incoming);
            put(file, (JSON.writeValueAsString(summed) + "\n").getBytes(StandardCharsets.UTF_8), lines.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Forgets the batches of a step that will not become whole. */
    public void discard(UUID follow) {
        delete(incoming.resolve(follow.toString()));
    }

    /** Hands a whole step over; what has been handed over stays so. Steps of all tables have one row of numbers, in this order. */
    public void handOver(UUID follow, long sequence) {
        Path step = incoming.resolve(follow.toString());
        try {
            Files.createDirectories(ready);
            if (!Files.isDirectory(step)) {
                return;
            }
            Head first = head(batches(step).getFirst()).orElseThrow(() -> new Damaged("No batch of step " + sequence));
            if (first.whole) {
                Files.createDirectories(tables);
                put(tables.resolve(follow + ".json"), JSON.writeValueAsBytes(first.table), new byte[0]);
            }
            Files.move(step, ready.resolve(positionOf(sequence)), StandardCopyOption.ATOMIC_MOVE);
            force(ready);
            force(incoming);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a step has not landed yet. */
    public boolean isWaiting(long sequence) {
        return Files.isDirectory(ready.resolve(positionOf(sequence)));
    }

    /** Forgets a table that is not followed any more. */
    public void forget(UUID follow, String lakeName) {
        discard(follow);
        steps().stream()
                .filter(step -> step.head.table.lakeName.equals(lakeName))
                .forEach(step -> remove(step.sequence));
        try {
            Files.deleteIfExists(tables.resolve(follow + ".json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tables of which a whole came at least once, as the newest whole has them. */
    public List<ShownTable> tables() {
        return listed(tables, ".json")
                .map(file -> JSON.readValue(file, ShownTable.class))
                .sorted(Comparator.comparing(ShownTable::lakeName))
                .toList();
    }

    /** Lake names of the tables of which a whole is there to be collected. */
    public Set<String> wholes() {
        return steps().stream()
                .filter(step -> step.head.whole)
                .map(step -> step.head.table.lakeName)
                .collect(Collectors.toSet());
    }

    /** The steps that wait, in their order. */
    public List<Step> steps() {
        return stepsAfter(-1);
    }

    /** Those with a greater number. */
    public List<Step> stepsAfter(long sequence) {
        List<Step> steps = new ArrayList<>();
        List<Path> waiting = listed(ready, "")
                .filter(path -> !path.getFileName().toString().startsWith(TAKEN))
                .filter(path -> Long.parseLong(path.getFileName().toString()) > sequence)
                .sorted()
                .toList();
        for (Path step : waiting) {
            List<Path> batches = batches(step);
            if (!batches.isEmpty()) {
                head(batches.getFirst())
                        .ifPresent(head -> steps.add(
                                new Step(Long.parseLong(step.getFileName().toString()), head)));
            }
        }
        return steps;
    }

    /** The batches of a step, to be read one after the other. */
    public List<Path> batches(Step step) {
        return batches(ready.resolve(step.position()));
    }

    /**
     * Reads a batch.
     *
     * @throws Damaged when it is not what was written
     */
    public static void read(Path batch, Consumer<Change> sink) {
        byte[] content;
        try {
            content = Files.readAllBytes(batch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int line = 0;
        while (line < content.length && content[line] != '\n') {
            line++;
        }
        Head head = JSON.readValue(content, 0, line, Head.class);
        byte[] lines = java.util.Arrays.copyOfRange(content, Math.min(content.length, line + 1), content.length);
        if (!hash(lines).equals(head.sha256)) {
            throw new Damaged(batch.getFileName() + " is not what was written");
        }
        int from = 0;
        for (int i = 0; i < lines.length; i++) {
            if (lines[i] == '\n') {
                @Nullable String[] cells = JSON.readValue(lines, from, i - from, String[].class);
                sink.accept(new Change(
                        operation(requireNonNull(cells[0], "an operation")),
                        java.util.Arrays.asList(cells).subList(1, cells.length)));
                from = i + 1;
            }
        }
    }

    private static Operation operation(String letter) {
        return switch (letter) {
            case "D" -> Operation.DELETE;
            case "U" -> Operation.UPDATE;
            case "I" -> Operation.INSERT;
            default -> throw new Damaged("No such change: " + letter);
        };
    }

    /** Lets a step go that is in the lake. */
    public void remove(long sequence) {
        Path step = ready.resolve(positionOf(sequence));
        Path taken = ready.resolve(TAKEN + positionOf(sequence));
        try {
            Files.move(step, taken, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException gone) {
            // It went before.
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException halfway) {
            delete(step);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        delete(taken);
    }

    /** What waits for the lake. */
    public long bytesReady() {
        return size(ready);
    }

    private Path file(UUID follow, long number) {
        return incoming.resolve(follow.toString()).resolve(positionOf(number) + BATCH);
    }

    private static List<Path> batches(Path step) {
        return listed(step, BATCH).sorted().toList();
    }

    private static Optional<Head> head(Path batch) {
        try (BufferedReader reader = Files.newBufferedReader(batch)) {
            String line = reader.readLine();
            return line == null ? Optional.empty() : Optional.of(JSON.readValue(line, Head.class));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> listed(Path folder, String suffix) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(path -> path.getFileName().toString().endsWith(suffix)).toList().stream();
        } catch (NoSuchFileException none) {
            return Stream.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a file so that it is there as a whole or not at all. */
    private static void put(Path file, byte[] head, byte[] rest) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
        try (FileChannel channel = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            for (byte[] part : List.of(head, rest)) {
                ByteBuffer buffer = ByteBuffer.wrap(part);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }
            channel.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        force(requireNonNull(file.getParent(), "it is in a folder"));
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void delete(Path folder) {
        listed(folder, "").forEach(file -> {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long size(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).mapToLong(PeerSpool::length).sum();
        } catch (NoSuchFileException none) {
            return 0;
        } catch (IOException | UncheckedIOException meanwhileGone) {
            return 0;
        }
    }

    private static long length(Path file) {
        try {
            return Files.size(file);
        } catch (IOException gone) {
            return 0;
        }
    }

    private static String hash(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
