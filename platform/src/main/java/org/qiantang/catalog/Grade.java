package org.qiantang.catalog;

/** How much harm to the country a leak of the data does (GB/T 43697-2024); legal duties hang on it, not masks. */
public enum Grade {
    /** 一般数据. */
    GENERAL,
    /** 重要数据. */
    IMPORTANT,
    /** 核心数据. */
    CORE,
}
