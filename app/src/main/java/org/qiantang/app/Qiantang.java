package org.qiantang.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import org.qiantang.app.cli.CommandLine;
import org.qiantang.app.worker.LakeWorker;

/**
 * The program. Its first word says which role this process takes: the hub everybody talks to, the lake worker the hub starts, or one
 * command of the command line. Nothing of the web framework is loaded before that is decided.
 */
public final class Qiantang {
    private Qiantang() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length > 0 && arguments[0].equals("worker")) {
            LakeWorker.main(Arrays.copyOfRange(arguments, 1, arguments.length));
            return;
        }
        // Results are UTF-8 whatever the terminal's locale claims: they are redirected into files and read by programs.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8);
        int status = CommandLine.of(out, err).run(List.of(arguments));
        out.flush();
        err.flush();
        System.exit(status);
    }
}
