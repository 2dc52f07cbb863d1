package org.qiantang.share;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.qiantang.core.Problem;
import org.qiantang.quality.Words;

/** Which acts lead from which state to which, and whose they are: the procedure as one table. */
final class Moves<S extends Enum<S>> {
    private final Map<S, Map<ShareAct, Move<S>>> moves = new HashMap<>();
    private final Function<S, Words> words;

    private record Move<S>(S to, Set<Side> by) {}

    Moves(Function<S, Words> words) {
        this.words = words;
    }

    Moves<S> from(S from, ShareAct act, S to, Side first, Side... others) {
        moves.computeIfAbsent(from, state -> new EnumMap<>(ShareAct.class))
                .put(act, new Move<>(to, EnumSet.of(first, others)));
        return this;
    }

    /** The state after it; refuses what is not possible now, and whoever it does not belong to. */
    S after(S state, ShareAct act, Set<Side> sides) {
        Move<S> move = moves.getOrDefault(state, Map.of()).get(act);
        if (move == null) {
            Words now = requireNonNull(words.apply(state));
            throw new Problem(ShareProblem.WRONG_STATE, "act", act.named(), "state", now.zh() + " (" + now.en() + ")");
        }
        if (move.by.stream().noneMatch(sides::contains)) {
            Words who = move.by.iterator().next().words();
            throw new Problem(ShareProblem.NOT_YOURS, "act", act.named(), "who", who.zh() + " (" + who.en() + ")");
        }
        return move.to;
    }

    /** As which of their sides somebody does it. */
    Side side(S state, ShareAct act, Set<Side> sides) {
        Move<S> move = requireNonNull(moves.getOrDefault(state, Map.of()).get(act));
        return move.by.stream().filter(sides::contains).findFirst().orElseThrow();
    }

    Set<ShareAct> acts(S state, Set<Side> sides) {
        Set<ShareAct> acts = EnumSet.noneOf(ShareAct.class);
        moves.getOrDefault(state, Map.of()).forEach((act, move) -> {
            if (move.by.stream().anyMatch(sides::contains)) {
                acts.add(act);
            }
        });
        return acts;
    }
}
