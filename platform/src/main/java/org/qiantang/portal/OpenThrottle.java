package org.qiantang.portal;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.qiantang.core.Problem;
import org.springframework.stereotype.Component;

/** How much one address may ask of what is open without a sign-in, so that nobody takes the city's machine for themselves. */
@Component
public final class OpenThrottle {
    /** A file weighs as much as so many calls. */
    private static final int FILE = 10;

    private static final int MOST_ADDRESSES = 50_000;

    private final PortalTerms terms;
    private final Clock clock;
    private final Map<String, Integer> calls = new HashMap<>();
    private long minute;

    OpenThrottle(PortalTerms terms, Clock clock) {
        this.terms = terms;
        this.clock = clock;
    }

    /** Refuses when the address has asked as much in this minute as it may. */
    public void call(String address) {
        take(address, 1);
    }

    /** The same for a file. */
    public void file(String address) {
        take(address, FILE);
    }

    private synchronized void take(String address, int weight) {
        long now = clock.instant().getEpochSecond() / 60;
        if (now != minute || calls.size() >= MOST_ADDRESSES) {
            calls.clear();
            minute = now;
        }
        int before = calls.getOrDefault(address, 0);
        if (before + weight > Math.max(terms.callsAMinute(), FILE)) {
            throw new Problem(PortalProblem.TOO_MANY_CALLS, "calls", Integer.toString(terms.callsAMinute()));
        }
        calls.put(address, before + weight);
    }
}
