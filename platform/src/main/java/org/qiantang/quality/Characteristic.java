package org.qiantang.quality;

/** The six characteristics by which GB/T 36344 judges data. */
public enum Characteristic {
    /** 规范性. */
    CONFORMITY,
    /** 完整性. */
    COMPLETENESS,
    /** 准确性. */
    ACCURACY,
    /** 一致性. */
    CONSISTENCY,
    /** 时效性. */
    TIMELINESS,
    /** 可访问性. */
    ACCESSIBILITY,
}
