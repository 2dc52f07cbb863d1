package org.qiantang.catalog;

/** Whom or what a field speaks of: the object (数据对象) of the city's classification, DB33/T 2351-2021. */
public enum Subject {
    /** 自然人. */
    PERSON,
    /** 法人和其他组织. */
    LEGAL_PERSON,
    /** 空间. */
    PLACE,
    /** 证照. */
    LICENCE,
    /** 事件: what happened at a time. */
    EVENT,
    /** 物. */
    THING,
}
