package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.qiantang.core.Problem;

/** {@code docs/errors.md} is written from the code; {@code -Ddocs.write=true} writes it again. */
class ErrorsDocumentTest {
    @Test
    void theDocumentListsEveryCodeAsItIs() throws IOException {
        Map<String, Problem.Code> codes = new TreeMap<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.qiantang")) {
            if (type.isEnum() && type.isAssignableTo(Problem.Code.class)) {
                for (Object each : type.reflect().getEnumConstants()) {
                    Problem.Code code = (Problem.Code) each;
                    assertThat(codes.put(code.id(), code))
                            .as("two codes are called " + code.id())
                            .isNull();
                }
            }
        }
        StringBuilder text = new StringBuilder("""
                # Errors

                Every refusal carries one of these codes in `code` of its problem+json, with both sentences in `zh` and `en`. A code keeps its
                name and meaning for ever. Reasons of tables and rejects in receipts use the same names. Written by `ErrorsDocumentTest`.

                | Code | Status | 中文 | English |
                |---|---|---|---|
                """);
        for (Problem.Code code : codes.values()) {
            text.append(
                    "| `%s` | %d | %s | %s |\n".formatted(code.id(), code.status(), cell(code.zh()), cell(code.en())));
        }
        Path document = repository().resolve("docs/errors.md");
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(document, text);
        }

        assertThat(codes).isNotEmpty();
        assertThat(List.of(Files.readString(document).split("\n")))
                .isEqualTo(List.of(text.toString().split("\n")));
    }

    private static String cell(String sentence) {
        return sentence.replace("|", "\\|");
    }

    static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("docs/adr"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
