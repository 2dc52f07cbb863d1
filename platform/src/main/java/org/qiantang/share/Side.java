package org.qiantang.share;

import org.qiantang.quality.Words;

/** Who acts in sharing. */
public enum Side {
    /** The department that applies, and later receives. */
    APPLICANT("申请部门", "the department that applies"),
    /** The department that answers for the data. */
    PROVIDER("数据提供部门", "the department that provides the data"),
    BUREAU("数据局", "the data bureau"),
    /** The platform itself, by the clock. */
    PLATFORM("平台", "the platform");

    private final Words words;

    Side(String zh, String en) {
        words = new Words(zh, en);
    }

    public Words words() {
        return words;
    }
}
