package org.qiantang.invoke;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What a client's token is good for (OAuth 2.0, 3.3). A department that lets a system ask by key has not let it take whole tables, nor has
 * whoever finds its token.
 */
public enum Scope {
    /** Call data services. What a token is for that asks for nothing. */
    SERVICES,
    /** Pull, stream and acknowledge its department's subscriptions. */
    SUBSCRIPTIONS,
    /** Take a granted resource as a file. */
    EXTRACTS;

    /** As tokens name it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Scope> of(String word) {
        return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
    }
}
