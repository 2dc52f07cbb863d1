package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.internal.Connector.Unreadable;
import org.qiantang.collect.internal.files.Listed.Skipped;
import org.qiantang.core.Problem;

/** Lists a folder of this machine with all folders in it, without following a link. */
final class FolderListing extends SimpleFileVisitor<Path> {
    private final Path root;
    private final List<FileBytes> files = new ArrayList<>();
    private final List<Skipped> others = new ArrayList<>();

    private FolderListing(Path root) {
        this.root = root;
    }

    /** Everything in the folder, or the one file. */
    static Listed of(Path folderOrFile) {
        try {
            FolderListing listing = new FolderListing(folderOrFile.toRealPath());
            if (Files.isDirectory(listing.root)) {
                Files.walkFileTree(listing.root, listing);
            } else {
                BasicFileAttributes attributes = Files.readAttributes(listing.root, BasicFileAttributes.class);
                if (!attributes.isRegularFile()) {
                    throw new Problem(
                            CollectProblem.SOURCE_UNREACHABLE, "reason", listing.root + " is no folder and no file");
                }
                listing.files.add(
                        LocalFile.of(listing.root, listing.root.getFileName().toString(), attributes));
            }
            return new Listed(listing.files, listing.others);
        } catch (IOException e) {
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", folderOrFile + ": " + FileTables.explain(e));
        }
    }

    @Override
    public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
        String relative = relative(path);
        if (attributes.isRegularFile()) {
            files.add(LocalFile.of(path, relative, attributes));
        } else if (attributes.isSymbolicLink()) {
            others.add(new Skipped(relative, link(path)));
        } else {
            others.add(new Skipped(
                    relative, new Unreadable(CollectProblem.UNSUPPORTED_FORMAT.id(), "a pipe, socket or device")));
        }
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
        if (path.equals(root)) {
            throw e;
        }
        others.add(
                new Skipped(relative(path), new Unreadable(CollectProblem.NO_FILE_ACCESS.id(), FileTables.explain(e))));
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path path, @Nullable IOException e) {
        if (e != null) {
            others.add(new Skipped(
                    relative(path), new Unreadable(CollectProblem.NO_FILE_ACCESS.id(), FileTables.explain(e))));
        }
        return FileVisitResult.CONTINUE;
    }

    /** A link to something in the folder needs nothing more, as that is collected itself; any other is named and not followed. */
    private @Nullable Unreadable link(Path path) {
        try {
            if (path.toRealPath().startsWith(root)) {
                return null;
            }
            return new Unreadable(CollectProblem.SYMBOLIC_LINK.id(), "it leads out of the folder");
        } catch (IOException e) {
            return new Unreadable(CollectProblem.SYMBOLIC_LINK.id(), "it leads nowhere: " + FileTables.explain(e));
        }
    }

    private String relative(Path path) {
        return root.relativize(path).toString().replace(path.getFileSystem().getSeparator(), "/");
    }
}
