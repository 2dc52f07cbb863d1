package org.qiantang.org;

import static java.util.Objects.requireNonNull;

/** That a person holds a post from a day to another; several may hold one, and one may hold several. */
public record Appointment(String personId, String postId, Validity validity) {
    public Appointment {
        requireNonNull(personId, "personId is null");
        requireNonNull(postId, "postId is null");
        requireNonNull(validity, "validity is null");
    }
}
