package org.qiantang.org;

/** What somebody who signed in has to do before anything else. */
public enum Obligation {
    /** The password was chosen by another. */
    CHANGE_PASSWORD,
    /** An administrator's second sign-in and still no second factor. */
    SET_SECOND_FACTOR,
}
