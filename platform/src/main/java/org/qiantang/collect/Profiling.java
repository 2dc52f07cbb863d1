package org.qiantang.collect;

/** Whether a collection profiles what it brings, which costs a little of the processor's time. */
public enum Profiling {
    ON,
    OFF,
}
