package org.qiantang.exchange;

/** How somebody is told of changes. */
public enum Delivery {
    /** Their system asks. */
    PULL,
    /** Their system holds a stream of server-sent events open. */
    STREAM,
    /** The platform calls their system. */
    WEBHOOK,
}
