package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the console's own code never does with what people have written, and never asks of their browsers. */
class ConsoleSourceTest {
    /** Text that becomes markup or code, and doors to other windows. */
    private static final Pattern DANGEROUS = Pattern.compile(
            "v-html|innerHTML|outerHTML|insertAdjacentHTML|document\\.write"
                    + "|\\beval\\(|new Function\\(|postMessage|addEventListener\\('message'|srcdoc|<iframe|<object|<embed");

    private static List<Path> sources() throws IOException {
        Path web = ErrorsDocumentTest.repository().resolve("web");
        try (Stream<Path> files = Files.walk(web)) {
            return files.filter(file -> file.toString().matches(".*/src/.*\\.(vue|ts)"))
                    .filter(file -> !file.toString().contains("node_modules"))
                    .toList();
        }
    }

    @Test
    void noTextBecomesMarkupOrCodeAndNoOtherWindowIsHeard() throws IOException {
        List<String> found = new ArrayList<>();
        List<Path> sources = sources();
        for (Path file : sources) {
            Matcher word = DANGEROUS.matcher(Files.readString(file));
            while (word.find()) {
                found.add(file.getFileName() + ": " + word.group());
            }
        }
        assertThat(sources).hasSizeGreaterThan(50);
        // Shapes of icons, which stand in the same file.
        assertThat(found).containsOnly("QIcon.vue: v-html");
    }

    @Test
    void everyFieldOfAPasswordHidesItAndIsKnownToPasswordStores() throws IOException {
        Pattern field = Pattern.compile("<ElInput[^>]*v-model=\"(?:password|before|after|again)\"[^>]*>");
        int count = 0;
        for (Path file : sources()) {
            Matcher input = field.matcher(Files.readString(file));
            while (input.find()) {
                count++;
                assertThat(input.group())
                        .contains("type=\"password\"")
                        .containsPattern("autocomplete=\"(?:current|new)-password\"")
                        .doesNotContain("@paste")
                        .doesNotContain("readonly");
            }
        }
        assertThat(count).isGreaterThanOrEqualTo(5);
    }

    /** Cookies are read for the anti-forgery token alone. */
    @Test
    void nothingOfTheSessionIsKeptInTheBrowsersStores() throws IOException {
        for (Path file : sources()) {
            String text = Files.readString(file);
            assertThat(text)
                    .as(file.toString())
                    .doesNotContainPattern("Storage\\.setItem\\([^)]*(?:password|token|session)\\b");
        }
    }
}
