package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.qiantang.collect.SharedRun.Gift;

class SharedRunTest {
    private final SharedRun run = new SharedRun();
    private final CollectionWorker first = collector();
    private final CollectionWorker second = collector();

    @Test
    void givesTwoTablesForEachThatIsWorkedOnInOrder() {
        run.enter(first, "state", 1, List.of("a", "b", "c", "d"));

        assertThat(run.gifts()).containsExactly(new Gift(first, List.of("a", "b"), false));
        assertThat(run.gifts()).isEmpty();

        run.ended(first, "a");
        assertThat(run.gifts()).containsExactly(new Gift(first, List.of("c"), false));
    }

    @Test
    void noTableIsWithTwo() {
        run.enter(first, "state", 1, List.of("a", "b", "c"));
        run.enter(second, "", 1, List.of("a", "b", "c"));

        assertThat(run.gifts())
                .containsExactly(new Gift(first, List.of("a", "b"), false), new Gift(second, List.of("c"), false));
    }

    @Test
    void tablesOfALostCollectorGoToTheOthersFirstAndInOrder() {
        run.enter(first, "state", 2, List.of("a", "b", "c", "d", "e"));
        run.gifts();
        run.enter(second, "", 2, List.of());
        run.ended(first, "a");

        run.leave(first);

        assertThat(run.gifts()).containsExactly(new Gift(second, List.of("b", "c", "d", "e"), false));
    }

    @Test
    void saysOnceToEachThatNothingFollows() {
        run.enter(first, "state", 1, List.of("a"));
        run.enter(second, "", 1, List.of("a"));
        run.gifts();
        assertThat(run.gifts()).isEmpty();

        run.ended(first, "a");

        assertThat(run.gifts()).containsExactly(new Gift(first, List.of(), true), new Gift(second, List.of(), true));
        assertThat(run.gifts()).isEmpty();
    }

    @Test
    void joinsOnlyWhereSomethingIsLeftAndNotTwice() {
        assertThat(run.joinable(second)).isNull();
        run.enter(first, "state", 1, List.of("a", "b", "c"));
        assertThat(run.joinable(second)).isEqualTo("state");
        assertThat(run.joinable(first)).isNull();

        run.gifts();
        assertThat(run.joinable(second)).isEqualTo("state");
        run.ended(first, "a");
        run.gifts();
        assertThat(run.joinable(second)).isNull();
    }

    @Test
    void endsWhenTheLastCollectorHasLeftAndSaysWhetherAnythingIsLeft() throws Exception {
        assertThat(run.awaitEnd()).isFalse();
        run.enter(first, "state", 1, List.of("a"));
        run.gifts();
        CompletableFuture<Boolean> end = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                end.complete(run.awaitEnd());
            } catch (InterruptedException e) {
                end.completeExceptionally(e);
            }
        });
        run.leave(first);
        assertThat(end.get(30, TimeUnit.SECONDS)).as("a was not collected").isFalse();

        run.enter(second, "", 1, List.of());
        run.gifts();
        run.ended(second, "a");
        run.leave(second);
        assertThat(run.awaitEnd()).isTrue();
    }

    /** Only who it is counts: a shared run asks nothing of a collector. */
    private static CollectionWorker collector() {
        Object identity = new Object();
        return (CollectionWorker) Proxy.newProxyInstance(
                CollectionWorker.class.getClassLoader(),
                new Class<?>[] {CollectionWorker.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "equals" -> self == arguments[0];
                    case "hashCode" -> identity.hashCode();
                    case "toString" -> "collector " + identity;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }
}
