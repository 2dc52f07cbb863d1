package org.qiantang.org;

/** What an administrator can do that has to be answered for; the names are those of the audit trail. */
public enum Act {
    ACCOUNT_CREATED,
    ACCOUNT_CHANGED,
    ACCOUNT_DISABLED,
    ACCOUNT_ENABLED,
    ACCOUNT_LOCKED,
    ACCOUNT_UNLOCKED,
    PASSWORD_RESET,
    PASSWORD_CHANGED,
    ROLES_CHANGED,
    SECOND_FACTOR_SET,
    SECOND_FACTOR_RESET,
    RECOVERY_CODE_USED,
    ADMINISTRATOR_SIGNED_IN,
    IDENTITY_BOUND,
    IDENTITY_UNBOUND,
    /** Somebody came from a provider of identities and was not let in. */
    IDENTITY_REFUSED,
    /** Whom an account is about: a number was bound to it. */
    RESIDENT_BOUND,
    /** What a resource holds is kept from those whom it is about, by law. */
    RECORDS_WITHHELD,
    RECORDS_SHOWN_AGAIN,
    /** Reads are not told of to those whom they are about, until a day. */
    FOOTPRINTS_DELAYED,
    FOOTPRINTS_TOLD,
    ORGANISATION_IMPORTED,
    AUDIT_VERIFIED,
    /** Evidence of a span of time stays beyond its retention. */
    EVIDENCE_HELD,
    EVIDENCE_RELEASED,
    /** What entries of the evidence said was forgotten after its time; that they were there was not. */
    EVIDENCE_DROPPED,
    /** Who read what, and of whom, was forgotten after its time. */
    ACCESSES_DROPPED,
    CLIENT_REGISTERED,
    /** What the tokens of a client may be for. */
    CLIENT_SCOPES_CHANGED,
    CLIENT_REVOKED,
    CREDENTIAL_ADDED,
    CREDENTIAL_REVOKED,
    /** The key that signs access tokens. */
    SIGNING_KEY_ROTATED,
    /** The card of another installation was entered; nothing passes yet. */
    PEER_PROPOSED,
    PEER_CONFIRMED,
    PEER_SUSPENDED,
    PEER_RESUMED,
    PEER_ENDED,
    PEER_APPLICATION_RELEASED,
    /** The key that signs what goes to peers: the next one was made and is announced. */
    EXCHANGE_KEY_ROTATED,
    ZONE_BEGUN,
    ZONE_CHANGED,
    ZONE_REVOKED,
    /** A reviewer looked at rows of a result that is held in a zone. */
    RESULT_SAMPLED,
    RESULT_RELEASED,
    RESULT_REFUSED,
    PRODUCT_PUBLISHED,
    PRODUCT_WITHDRAWN,
    /** From here on entries are hashed with a key; those before are held on to as they were then. */
    TRAIL_BEGUN,
    /** The installation's folder did not say any more how far the trail had come; from here on it does again. */
    TRAIL_HEAD_LOST,
}
