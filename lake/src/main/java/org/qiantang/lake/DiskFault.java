package org.qiantang.lake;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A disk that takes no more or that fails, told from everything else that can go wrong: such a fault passes or is repaired, and whatever it
 * broke off is done again, so it is never the fault of a table or of its source.
 */
public enum DiskFault {
    /** There is no room. */
    FULL("No space left on device", "Disk quota exceeded", "not enough disk space"),
    /** It does not write, read or force. */
    FAILING("Input/output error", "Read-only file system", "Structure needs cleaning", "fsync failed");

    private final String[] words;

    DiskFault(String... words) {
        this.words = words;
    }

    /**
     * What a failure of work for the lake says of our disk. That a source's own disk is full or cannot be read is none of it; but a file that
     * has no room was being written, and writing files is what we do.
     */
    public static Optional<DiskFault> of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof LakeException refusal) {
                for (DiskFault fault : values()) {
                    if (refusal.kind() == fault.kind()) {
                        return Optional.of(fault);
                    }
                }
            }
            if (cause instanceof IOException && FULL.isIn(cause.getMessage())) {
                return Optional.of(FULL);
            }
        }
        return Optional.empty();
    }

    /** What a database says of the disk it writes to. */
    public static Optional<DiskFault> ofDatabase(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                switch (sql.getSQLState()) {
                    case "53100" -> {
                        return Optional.of(FULL);
                    }
                    // An I/O error; a database that takes no writes, as one does whose disk was mounted anew after an
                    // error.
                    case "58030", "25006" -> {
                        return Optional.of(FAILING);
                    }
                    default -> {}
                }
            }
        }
        return Optional.empty();
    }

    /** What a failure of the lake's own writing says of the disk, by the words that the system has for it. */
    static Optional<DiskFault> ofWriting(Throwable failure) {
        Optional<DiskFault> catalogue = ofDatabase(failure);
        if (catalogue.isPresent()) {
            return catalogue;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Optional<DiskFault> fault = ofWriting(cause.getMessage());
            if (fault.isPresent()) {
                return fault;
            }
        }
        return of(failure);
    }

    static Optional<DiskFault> ofWriting(@Nullable String message) {
        return Arrays.stream(values()).filter(fault -> fault.isIn(message)).findFirst();
    }

    /** The system's own words in a failure, without what everybody on the way has said of them; the whole message when there are none. */
    public static String words(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return Arrays.stream(values())
                .flatMap(fault -> Arrays.stream(fault.words))
                .filter(message::contains)
                .findFirst()
                .orElse(message);
    }

    private boolean isIn(@Nullable String message) {
        return message != null && Arrays.stream(words).anyMatch(message::contains);
    }

    /** As a refusal of the lake. */
    public LakeException.Kind kind() {
        return switch (this) {
            case FULL -> LakeException.Kind.NO_SPACE;
            case FAILING -> LakeException.Kind.DISK_FAILED;
        };
    }
}
