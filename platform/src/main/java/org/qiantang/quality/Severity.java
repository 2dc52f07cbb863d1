package org.qiantang.quality;

/** How much it matters that a rule fails; a ticket inherits it. */
public enum Severity {
    LOW,
    MEDIUM,
    HIGH,
}
