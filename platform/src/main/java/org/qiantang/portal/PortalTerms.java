package org.qiantang.portal;

import static java.util.Objects.requireNonNull;

/**
 * On what terms data are open to everybody.
 *
 * @param licence under which they may be used
 * @param smallCell statistics of fewer are not told, unless an entry says another number
 * @param callsAMinute from one address
 * @param mostRows of a file; what is larger is read page by page
 */
public record PortalTerms(String licence, int smallCell, int callsAMinute, long mostRows) {
    public PortalTerms {
        requireNonNull(licence, "licence is null");
        if (smallCell < 2 || callsAMinute < 1 || mostRows < 1) {
            throw new IllegalArgumentException("A cell of one is somebody; a minute has a call and a file a row");
        }
    }
}
