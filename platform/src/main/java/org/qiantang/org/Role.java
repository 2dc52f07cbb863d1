package org.qiantang.org;

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
    /** Whoever can read the installation's home folder; never a person with a password. */
    OPERATOR,
}
