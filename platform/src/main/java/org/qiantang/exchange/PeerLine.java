package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * The line to the installations that are our peers: what is asked is signed by us, what is answered was verified to be that peer's answer to
 * just that question, and both are in evidence before it is handed on.
 */
public interface PeerLine {
    /**
     * Asks a peer.
     *
     * @param peer its name here
     * @param path from the peer's root on, with the query
     * @param body JSON; null for none
     * @return the JSON it answered with
     * @throws Away when there is no answer, or none that is the peer's
     * @throws Refused when it says no
     */
    byte[] ask(String peer, String method, String path, byte @Nullable [] body);

    /** No answer, or none that is the peer's. */
    final class Away extends RuntimeException {
        public Away(String reason) {
            super(reason);
        }
    }

    /** The peer's own refusal. */
    final class Refused extends RuntimeException {
        private final String code;
        private final String zh;
        private final String en;

        public Refused(String code, String zh, String en) {
            super(code + ": " + en);
            this.code = requireNonNull(code, "code is null");
            this.zh = requireNonNull(zh, "zh is null");
            this.en = requireNonNull(en, "en is null");
        }

        public String code() {
            return code;
        }

        public String zh() {
            return zh;
        }

        public String en() {
            return en;
        }
    }
}
