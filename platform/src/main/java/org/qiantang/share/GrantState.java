package org.qiantang.share;

import static org.qiantang.share.ShareAct.CHANGE;
import static org.qiantang.share.ShareAct.EXPIRE;
import static org.qiantang.share.ShareAct.RENEW;
import static org.qiantang.share.ShareAct.RESUME;
import static org.qiantang.share.ShareAct.REVOKE;
import static org.qiantang.share.ShareAct.SUSPEND;
import static org.qiantang.share.ShareAct.USE;
import static org.qiantang.share.Side.APPLICANT;
import static org.qiantang.share.Side.BUREAU;
import static org.qiantang.share.Side.PLATFORM;
import static org.qiantang.share.Side.PROVIDER;

import org.qiantang.quality.Words;

/** What has become of a grant; only the first two open anything. */
public enum GrantState {
    GRANTED("已授权", "granted"),
    /** Something was read under it. */
    IN_USE("使用中", "in use"),
    SUSPENDED("已暂停", "suspended"),
    EXPIRED("已到期", "expired"),
    REVOKED("已撤销", "revoked");

    private final Words words;

    GrantState(String zh, String en) {
        words = new Words(zh, en);
    }

    public Words words() {
        return words;
    }

    boolean isOpen() {
        return this == GRANTED || this == IN_USE;
    }

    static final Moves<GrantState> MOVES = new Moves<>(GrantState::words)
            .from(GRANTED, USE, IN_USE, PLATFORM)
            .from(GRANTED, CHANGE, GRANTED, PROVIDER, BUREAU)
            .from(GRANTED, SUSPEND, SUSPENDED, PROVIDER, BUREAU)
            .from(GRANTED, REVOKE, REVOKED, PROVIDER, BUREAU)
            .from(GRANTED, EXPIRE, EXPIRED, PLATFORM)
            .from(GRANTED, RENEW, GRANTED, APPLICANT)
            .from(IN_USE, CHANGE, IN_USE, PROVIDER, BUREAU)
            .from(IN_USE, SUSPEND, SUSPENDED, PROVIDER, BUREAU)
            .from(IN_USE, REVOKE, REVOKED, PROVIDER, BUREAU)
            .from(IN_USE, EXPIRE, EXPIRED, PLATFORM)
            .from(IN_USE, RENEW, IN_USE, APPLICANT)
            .from(SUSPENDED, RESUME, GRANTED, PROVIDER, BUREAU)
            .from(SUSPENDED, REVOKE, REVOKED, PROVIDER, BUREAU)
            .from(SUSPENDED, EXPIRE, EXPIRED, PLATFORM)
            .from(SUSPENDED, RENEW, SUSPENDED, APPLICANT)
            .from(EXPIRED, RENEW, EXPIRED, APPLICANT);
}
