package org.qiantang.lake;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much of a disk is left. The last of it is a reserve: what is collected stops before it, so that the catalogue, the hub's database and
 * the upkeep that makes room again can go on.
 *
 * @param freeBytes that an unprivileged process may still fill
 */
public record DiskSpace(long freeBytes, long reserveBytes) {
    private static final long LARGEST_RESERVE = 256L << 20;
    private static final int RESERVED_ONE_IN = 64;

    /** Of the disk that a folder is on. */
    public static DiskSpace of(Path folder) throws IOException {
        FileStore disk = Files.getFileStore(folder);
        return new DiskSpace(disk.getUsableSpace(), Math.min(LARGEST_RESERVE, disk.getTotalSpace() / RESERVED_ONE_IN));
    }

    /** Whether so much may be written that something new may begin: twice the reserve stays, so that it does not end at once. */
    public boolean hasRoomFor(long bytes) {
        return freeBytes - bytes >= 2 * reserveBytes;
    }

    /** Whether only the reserve is left. */
    public boolean isFull() {
        return freeBytes < reserveBytes;
    }
}
