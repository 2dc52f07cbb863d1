alter table org_accounts
    -- Who last chose the password for somebody else: they have seen it, and do not appoint whom they could be.
    add column invited_by    text,
    -- Until when that password opens anything; it opens one session. Without an end where the installation chose it.
    add column invited_until timestamptz;
