package org.qiantang.app.cli;

import java.util.Map;
import java.util.stream.Stream;
import org.qiantang.core.Problem;

/** Which of the two languages the person at the terminal reads. */
enum Texts {
    CHINESE("zh-CN"),
    ENGLISH("en");

    private final String tag;

    Texts(String tag) {
        this.tag = tag;
    }

    static Texts of(Map<String, String> environment) {
        return Stream.of("LC_ALL", "LC_MESSAGES", "LANG")
                        .map(name -> environment.getOrDefault(name, ""))
                        .filter(value -> !value.isEmpty() && !value.startsWith("C.") && !value.equals("C"))
                        .findFirst()
                        .filter(value -> value.startsWith("zh"))
                        .isPresent()
                ? CHINESE
                : ENGLISH;
    }

    /** The language's tag for {@code Accept-Language}. */
    String tag() {
        return tag;
    }

    String of(Problem problem) {
        return of(problem.zh(), problem.en());
    }

    String of(String chinese, String english) {
        return this == CHINESE ? chinese : english;
    }
}
