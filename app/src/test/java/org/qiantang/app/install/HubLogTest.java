package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whoever gets a word into the log gets no line of their own there. */
class HubLogTest {
    private static final String FORGED = "x\r\n2026-01-01T00:00:00.000+08:00  INFO [-] org.qiantang : forged\u2028more";

    private static List<String> written(String message, Throwable thrown) {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        PatternLayout layout = new PatternLayout();
        layout.setContext(context);
        layout.setPattern(Installation.LOG_PATTERN);
        layout.start();
        return layout.doLayout(new LoggingEvent(
                        "fqcn", context.getLogger("org.qiantang.Some"), Level.WARN, message, thrown, null))
                .lines()
                .toList();
    }

    @Test
    void aMessageIsOneLineWhateverIsInIt() {
        assertThat(written(FORGED, null))
                .singleElement()
                .asString()
                .contains("WARN", "forged more")
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}([+-]\\d\\d:\\d\\d|Z) .*");
    }

    @Test
    void whatWasThrownStandsInFromTheMarginLineForLine() {
        List<String> lines = written("it failed", new IllegalStateException(FORGED));

        assertThat(lines.getFirst()).contains("it failed");
        assertThat(lines.subList(1, lines.size()))
                .hasSizeGreaterThan(3)
                .anyMatch(line -> line.contains("forged"))
                .allMatch(line -> line.isBlank() || line.startsWith("    "));
    }
}
