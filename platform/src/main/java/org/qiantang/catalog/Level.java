package org.qiantang.catalog;

/** How sensitive a field is (DB33/T 2351-2021); a table is as sensitive as its most sensitive field. */
public enum Level {
    /** 不敏感: may be read inside and outside government. */
    L1,
    /** 低敏感. */
    L2,
    /** 较敏感: personal; masked unless a grant says otherwise. */
    L3,
    /** 敏感: strictly kept, such as medical records and bank accounts. */
    L4;

    public Level max(Level other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /** Whether nobody sees it in clear without a grant. */
    public boolean isMasked() {
        return compareTo(L3) >= 0;
    }
}
