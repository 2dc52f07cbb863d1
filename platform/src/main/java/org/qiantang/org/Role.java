package org.qiantang.org;

import java.util.EnumSet;
import java.util.Set;

/** What a person does here, and therefore may do. */
public enum Role {
    /** Data bureau engineer (数据局工程师): connects and collects. */
    ENGINEER,
    /** Department officer (部门人员): sees how complete the city is and what there is. */
    OFFICER,
    /** Analyst (分析师): asks the lake. */
    ANALYST,
    /** Auditor (审计): checks runs and receipts. */
    AUDITOR,
    /** System administrator (系统管理员): makes accounts, keeps the organisation; can give nobody a right. */
    SYSTEM_ADMIN,
    /** Security administrator (安全管理员): gives and takes roles, unlocks; can make no account. */
    SECURITY_ADMIN,
    /** Audit administrator (审计管理员): reads what the other two did; changes nothing. */
    AUDIT_ADMIN,
    /** A resident or a company (居民、企业): sees what the city holds about them alone, and objects to it. Nobody who works here. */
    RESIDENT,
    /**
     * Works for an operator inside an authorised operation zone (授权运营机构人员). Nobody gives it: whoever is of such a department has it and
     * no other ({@link Enclosures}).
     */
    ZONE_MEMBER,
    /** Whoever can read the installation's home folder; never a person with a password. */
    OPERATOR;

    /** The three duties nobody may hold two of (三员分立, GB/T 22239). */
    public static final Set<Role> DUTIES =
            java.util.Collections.unmodifiableSet(EnumSet.of(SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN));

    public boolean isDuty() {
        return DUTIES.contains(this);
    }
}
