package org.qiantang.collect.internal.files;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A file of sheets, open. */
interface Workbook extends Closeable {
    List<Sheet> sheets();

    /** Reads one sheet from its first row. Closing the workbook ends it. */
    Rows rows(int sheet) throws IOException;

    @Override
    void close();

    /** Opens a workbook with a reader that needs the file on this machine's disk, where it stays until the workbook is closed. */
    static Workbook open(FileBytes file, Reader reader) throws IOException {
        FileBytes.OnDisk disk = file.onDisk();
        try {
            return new Held(reader.open(disk.path()), disk);
        } catch (IOException | RuntimeException e) {
            disk.close();
            throw e;
        }
    }

    /** Opens the workbook at a path. */
    interface Reader {
        Workbook open(Path path) throws IOException;
    }

    /** A workbook and the file it is read from. */
    record Held(Workbook book, FileBytes.OnDisk disk) implements Workbook {
        @Override
        public List<Sheet> sheets() {
            return book.sheets();
        }

        @Override
        public Rows rows(int sheet) throws IOException {
            return book.rows(sheet);
        }

        @Override
        public void close() {
            try {
                book.close();
            } finally {
                disk.close();
            }
        }
    }

    /** Opens the same workbook again. */
    interface Opener {
        Workbook open() throws IOException;
    }

    /** How the texts of a workbook's cells are meant. */
    enum Texts {
        /** A text is a text: numbers and dates are cells of their own kind. */
        AS_THEY_ARE,
        /** All there is are texts, so types are found in them as in a delimited file. */
        UNTYPED,
    }

    /** One sheet; {@code visibility} is {@code visible}, {@code hidden} or {@code veryHidden}. */
    record Sheet(String name, String visibility, boolean hasCells) {}

    /** The rows of a sheet in order; those without any cell may be missing. */
    interface Rows {
        boolean next() throws IOException;

        SheetRow row();

        /** Bytes of the sheet taken so far, of the {@link FileBytes#size} at most. */
        default long bytesRead() {
            return 0;
        }
    }
}
