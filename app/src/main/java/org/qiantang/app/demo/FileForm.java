package org.qiantang.app.demo;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** How a table lies in a department's folder: offices export what their programs happen to export. */
sealed interface FileForm {
    Charset GB18030 = Charset.forName("GB18030");

    String fileName();

    /** Delimited text. */
    record Delimited(String fileName, Charset charset, Mark mark, char delimiter, String newline) implements FileForm {}

    /** One sheet of an Excel workbook; sheets of the same file name stand in one workbook. */
    record Sheet(String fileName, String sheet) implements FileForm {}

    /** Whether a byte order mark stands first. */
    enum Mark {
        BYTE_ORDER_MARK,
        NONE
    }

    static Delimited utf8WithMark(String fileName) {
        return new Delimited(fileName, StandardCharsets.UTF_8, Mark.BYTE_ORDER_MARK, ',', "\r\n");
    }

    static Delimited utf8(String fileName, char delimiter) {
        return new Delimited(fileName, StandardCharsets.UTF_8, Mark.NONE, delimiter, "\n");
    }

    static Delimited gb18030(String fileName, char delimiter) {
        return new Delimited(fileName, GB18030, Mark.NONE, delimiter, "\r\n");
    }
}
