package org.qiantang.org;

import java.util.Optional;

/** Who knows the programs that come without a person, for parts that keep a line open longer than one request: a part beside theirs does. */
public interface Programs {
    /**
     * The program as it may read now; empty when it is nobody any more, or may not do this.
     *
     * @param scope what it does, as its tokens say it
     */
    Optional<Account> current(Account program, String scope);
}
