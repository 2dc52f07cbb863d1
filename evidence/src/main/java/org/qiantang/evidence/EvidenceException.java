package org.qiantang.evidence;

import java.io.IOException;

/** The log is not as it was written, or cannot be written on; the message says where and why. */
public final class EvidenceException extends IOException {
    private static final long serialVersionUID = 1;

    public EvidenceException(String message) {
        super(message);
    }

    EvidenceException(String message, Throwable cause) {
        super(message, cause);
    }
}
