package org.qiantang.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectBenchTest {
    @Test
    void optionsAreReadAndUnknownOnesRefused() {
        assertThat(CollectBench.Options.parse(List.of("--scale-factor", "0.1", "--pairs", "3", "--legs", "copy,spark")))
                .isEqualTo(new CollectBench.Options(0.1, 3, List.of("copy", "spark"), false, false));
        assertThatThrownBy(() -> CollectBench.Options.parse(List.of("--scale", "1")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CollectBench.Options.parse(List.of("--pairs")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void medianIsTheMiddleOrTheMeanOfTheTwo() {
        assertThat(Log.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2.0);
        assertThat(Log.median(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
    }

    @Test
    void workOfAnEndedCommandAndOfItsChildIsCounted(@TempDir Path folder) throws Exception {
        double before = Processes.endedChildrenCpuSeconds();

        Commands.run(List.of("sh", "-c", "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; true"), folder);

        assertThat(Processes.endedChildrenCpuSeconds() - before).isPositive();
    }

    @Test
    void workOfALivingProcessIsCountedToo() throws Exception {
        Process busy = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
        try {
            long parent = ProcessHandle.current().pid();

            assertThat(Processes.tree(parent)).contains(busy.pid());
            Awaitility.await()
                    .until(() -> Processes.cpuSeconds(busy.pid()) > 0.05 && Processes.peakBytes(busy.pid()) > 0);
        } finally {
            busy.destroyForcibly().waitFor();
        }
    }
}
