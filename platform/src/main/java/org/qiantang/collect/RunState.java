package org.qiantang.collect;

/** Where a collection run is. */
public enum RunState {
    QUEUED,
    RUNNING,
    CANCELLING,
    CANCELLED,
    /** Everything that was found is in the lake, proven. */
    COMPLETE,
    /** It went to its end; the receipt names what is missing. */
    INCOMPLETE,
    /** The source could not be opened. */
    FAILED;

    public boolean hasEnded() {
        return switch (this) {
            case QUEUED, RUNNING, CANCELLING -> false;
            case CANCELLED, COMPLETE, INCOMPLETE, FAILED -> true;
        };
    }
}
