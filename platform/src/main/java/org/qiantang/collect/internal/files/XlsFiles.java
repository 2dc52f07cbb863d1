package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.poi.EncryptedDocumentException;
import org.apache.poi.hssf.OldExcelFormatException;
import org.apache.poi.poifs.filesystem.DirectoryNode;
import org.apache.poi.poifs.filesystem.POIFSFileSystem;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/** Tells the kinds of document apart that come in the container of Excel 97 to 2003, and opens the one that is a workbook. */
final class XlsFiles {
    private static final long LARGEST = 256L << 20;

    private XlsFiles() {}

    static Workbook open(Path path) throws IOException {
        long size = Files.size(path);
        if (size > LARGEST) {
            throw new Problem(
                    CollectProblem.FILE_TOO_LARGE,
                    "reason",
                    "an .xls of " + size + " bytes; up to " + LARGEST + " can be read. Save it as .xlsx.");
        }
        try (POIFSFileSystem container = new POIFSFileSystem(path.toFile(), true)) {
            DirectoryNode root = container.getRoot();
            if (root.hasEntryCaseInsensitive("EncryptedPackage")) {
                throw new Problem(CollectProblem.ENCRYPTED_FILE, "reason", "an encrypted Office Open XML document");
            }
            if (root.hasEntryCaseInsensitive("WordDocument")) {
                throw Content.unsupported("a text document (.doc)");
            }
            if (root.hasEntryCaseInsensitive("Book") && !root.hasEntryCaseInsensitive("Workbook")) {
                throw Content.unsupported("a workbook of Excel 5 or 95; save it as .xlsx");
            }
            if (!root.hasEntryCaseInsensitive("Workbook")) {
                throw Content.unsupported("a compound document without a workbook");
            }
        }
        try {
            return XlsStream.open(path);
        } catch (EncryptedDocumentException e) {
            throw new Problem(CollectProblem.ENCRYPTED_FILE, "reason", "an encrypted workbook");
        } catch (OldExcelFormatException e) {
            throw Content.unsupported("a workbook older than Excel 97; save it as .xlsx");
        }
    }
}
